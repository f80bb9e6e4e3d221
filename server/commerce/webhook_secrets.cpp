#include "commerce/webhook_secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/random.hpp"

namespace livefair::commerce {

namespace {

constexpr std::size_t secret_chars_min = 32, secrets_max = 2;

void make_if_missing(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return;
    const auto secret = random_hex(32) + "\n";
    const bool written =
        ::write(fd, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()) && ::fsync(fd) == 0;
    ::close(fd);
    if (!written) throw std::runtime_error("payment: can't write " + path + "; check the disk and remove the file");
}

}  // namespace

std::vector<std::string> load_webhook_secrets(const std::string& path) {
    make_if_missing(path);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        throw std::runtime_error("payment: can't make or read " + path + "; set payment.webhook_secret_file");
    if ((status.st_mode & 077) != 0)
        throw std::runtime_error("payment: " + path + " may be read by others; run: chmod 600 " + path);
    std::ifstream file(path);
    std::vector<std::string> secrets;
    for (std::string secret; file >> secret;) {
        if (secret.size() < secret_chars_min)
            throw std::runtime_error("payment: a key in " + path + " is shorter than 32 characters; remove it");
        secrets.push_back(secret);
    }
    if (secrets.empty() || secrets.size() > secrets_max)
        throw std::runtime_error("payment: " + path + " must have one key, or two while it is changed; one a line");
    return secrets;
}

}  // namespace livefair::commerce
