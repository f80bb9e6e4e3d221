#pragma once

#include <memory>
#include <string>

namespace livefair::ledger {

/// An open, locked file; unlocked when it closes (also by the kernel, when the process dies).
class LockFile {
public:
    /// Errors: throws std::runtime_error that says what to do.
    explicit LockFile(const std::string& path);
    ~LockFile();
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;

private:
    int fd_;
};

/// That of the SQLite file at `location`, whose folder is made when it is missing. Null for a server's database, which
/// any number of programs may open.
std::unique_ptr<LockFile> lock_ledger(const std::string& location);

}  // namespace livefair::ledger
