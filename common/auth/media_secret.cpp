#include "auth/media_secret.hpp"

#include <sodium.h>

#include <stdexcept>

#include "auth/secret_file.hpp"
#include "base/check.hpp"
#include "base/random.hpp"

namespace livefair::auth {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr int encoding = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
static_assert(crypto_secretbox_KEYBYTES == secret_bytes && crypto_generichash_KEYBYTES == secret_bytes);

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

constexpr std::string_view setting = "media.secret_file";
/// More than a good file has, so that a bad one is told by what it holds.
constexpr std::size_t file_bytes_max = 4096;

std::string secret_of(std::string_view hex, const std::string& path) {
    if (hex.ends_with('\n')) hex.remove_suffix(1);
    std::string secret(secret_bytes, '\0');
    std::size_t decoded = 0;
    const int failed = sodium_hex2bin(bytes_of(secret), secret.size(), hex.data(), hex.size(), nullptr, &decoded, nullptr);
    if (failed != 0 || decoded != secret_bytes || hex.size() != 2 * secret_bytes)
        throw std::runtime_error(path + " does not hold 64 hex characters; restore it, or remove it to make a new one (sealed stream keys of other "
                                        "platforms are then lost); see " + std::string(setting));
    return secret;
}

}  // namespace

std::string load_media_secret(const std::string& path) {
    make_secret_file(path, random_hex(secret_bytes) + "\n", setting);
    return secret_of(read_secret_file(path, file_bytes_max, setting), path);
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
