#include "auth/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "base/random.hpp"

namespace livefair::auth {
namespace {

[[noreturn]] void fail(const std::string& why, std::string_view setting) {
    throw std::runtime_error(why + "; see " + std::string(setting));
}

}  // namespace

void make_secret_file(const std::string& path, std::string_view text, std::string_view setting) {
    if (::access(path.c_str(), F_OK) == 0) return;
    std::error_code ec;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, ec);
    if (ec) fail("can't make the folder " + folder.string(), setting);
    const auto draft = path + "." + random_hex(8);
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) fail("can't make " + path, setting);
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    ::close(fd);
    const bool placed = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    ::unlink(draft.c_str());
    if (!placed) fail("can't write " + path, setting);
}

std::string read_secret_file(const std::string& path, std::size_t bytes_max, std::string_view setting) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("can't read " + path, setting);
    struct stat status {};
    std::string text(bytes_max + 1, '\0');
    const bool is_known = ::fstat(fd, &status) == 0;
    const auto count = ::read(fd, text.data(), text.size());
    ::close(fd);
    if (!is_known || count < 0) fail("can't read " + path, setting);
    if ((status.st_mode & 077) != 0) fail(path + " may be read by others; run: chmod 600 " + path, setting);
    if (count > static_cast<ssize_t>(bytes_max)) fail(path + " is too long for what it should hold", setting);
    text.resize(static_cast<std::size_t>(count));
    return text;
}

}  // namespace livefair::auth
