#include "ledger/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "ledger/postgres_database.hpp"

namespace livefair::ledger {

LockFile::LockFile(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd_ < 0)
        throw std::runtime_error("ledger: can't open the lock file " + path +
                                 "; check that its folder may be written to");
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd_);
        throw std::runtime_error("ledger: " + path +
                                 " is held by another process; stop the other livefair-server or set ledger.path");
    }
}

LockFile::~LockFile() {
    ::close(fd_);
}

std::unique_ptr<LockFile> lock_ledger(const std::string& location) {
    if (is_postgres(location)) return nullptr;
    const auto folder = std::filesystem::path(location).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    return std::make_unique<LockFile>(location + ".lock");
}

}  // namespace livefair::ledger
