#include "auth/media_secret.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "base/check.hpp"
#include "base/random.hpp"

namespace livefair::auth {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr int encoding = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
static_assert(crypto_secretbox_KEYBYTES == secret_bytes && crypto_generichash_KEYBYTES == secret_bytes);

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

[[noreturn]] void fail(const std::string& why) { throw std::runtime_error("media secret: " + why + "; see media.secret_file"); }

/// The file appears under its name whole or not at all: link() never replaces the one that another program made meanwhile.
void make_file(const std::string& path) {
    const auto draft = path + "." + random_hex(8);
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) fail("can't make " + path);
    const auto text = random_hex(secret_bytes) + "\n";
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    ::close(fd);
    const bool placed = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    ::unlink(draft.c_str());
    if (!placed) fail("can't write " + path);
}

std::string read_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("can't read " + path);
    struct stat status {};
    std::array<char, 2 * secret_bytes + 2> text{};  // one more than a good file has
    const bool is_known = ::fstat(fd, &status) == 0;
    const auto count = ::read(fd, text.data(), text.size());
    ::close(fd);
    if (!is_known || count < 0) fail("can't read " + path);
    if ((status.st_mode & 077) != 0) fail(path + " may be read by others; run: chmod 600 " + path);
    std::string_view hex(text.data(), static_cast<std::size_t>(count));
    if (hex.ends_with('\n')) hex.remove_suffix(1);
    std::string secret(secret_bytes, '\0');
    std::size_t decoded = 0;
    const int failed = sodium_hex2bin(bytes_of(secret), secret.size(), hex.data(), hex.size(), nullptr, &decoded, nullptr);
    if (failed != 0 || decoded != secret_bytes || hex.size() != 2 * secret_bytes)
        fail(path + " does not hold 64 hex characters; restore it, or remove it to make a new one (sealed stream keys of other platforms are then lost)");
    return secret;
}

}  // namespace

std::string load_media_secret(const std::string& path) {
    std::error_code ec;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, ec);
    if (ec) fail("can't make the folder " + folder.string());
    if (::access(path.c_str(), F_OK) != 0) make_file(path);
    return read_file(path);
}

std::string derive_key(std::string_view secret, std::string_view purpose) {
    LF_CHECK(secret.size() == secret_bytes && sodium_init() >= 0);
    std::string key(secret_bytes, '\0');
    LF_CHECK(crypto_generichash(bytes_of(key), key.size(), bytes_of(purpose), purpose.size(), bytes_of(secret), secret.size()) == 0);
    return key;
}

std::string seal(std::string_view secret, std::string_view text) {
    const auto key = derive_key(secret, "seal");
    std::string box(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + text.size(), '\0');
    randombytes_buf(box.data(), crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(bytes_of(box) + crypto_secretbox_NONCEBYTES, bytes_of(text), text.size(), bytes_of(box), bytes_of(key));
    std::string sealed(sodium_base64_encoded_len(box.size(), encoding), '\0');
    sodium_bin2base64(sealed.data(), sealed.size(), bytes_of(box), box.size(), encoding);
    sealed.pop_back();  // its terminating zero
    return sealed;
}

Result<std::string> unseal(std::string_view secret, std::string_view sealed) {
    const auto key = derive_key(secret, "seal");
    std::string box(sealed.size(), '\0');  // base64 is longer than what it holds
    std::size_t size = 0;
    const int failed = sodium_base642bin(bytes_of(box), box.size(), sealed.data(), sealed.size(), nullptr, &size, nullptr, encoding);
    if (failed != 0 || size < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES) return make_error_code(Errc::invalid_input);
    std::string text(size - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES, '\0');
    if (crypto_secretbox_open_easy(bytes_of(text), bytes_of(box) + crypto_secretbox_NONCEBYTES, size - crypto_secretbox_NONCEBYTES,
                                   bytes_of(box), bytes_of(key)) != 0)
        return make_error_code(Errc::invalid_input);
    return text;
}

}  // namespace livefair::auth
