// An LD_PRELOAD library: remembers, for each file that is watched, what a power cut would leave of it, so that PowerLoss can put the file back to that
// after kill -9. The page cache survives kill -9, so without this a missing fsync is never found.
//
// For each watched file a log in $LIVEFAIR_POWERLOSS_DIR (name: its path with % for /): a header, then what unsynced writes have overwritten.
// fsync and fdatasync empty the log. One thread writes a file at a time. Names (create, rename, unlink) count as durable at once.
//
// Environment: LIVEFAIR_POWERLOSS_DIR; LIVEFAIR_POWERLOSS_FILES: ends of the names of watched files, comma-separated;
// LIVEFAIR_POWERLOSS_ARM: a file; while it exists, syncs of files that end in LIVEFAIR_POWERLOSS_IGNORE do nothing, and the n-th sync
// (LIVEFAIR_POWERLOSS_CRASH, "before:<n>" or "after:<n>") of a file that ends in LIVEFAIR_POWERLOSS_CRASH_FILE kills the process.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "support/powerloss_log.hpp"

namespace {

using livefair::test::PowerLossEntry;
using livefair::test::PowerLossHeader;

std::mutex& mutex() {
    static auto* the_mutex = new std::mutex;  // never destroyed: threads may write until the end
    return *the_mutex;
}

std::string_view setting(const char* name) {
    const char* value = ::getenv(name);
    return value ? value : "";
}

bool ends_in_one_of(std::string_view path, std::string_view ends) {
    while (!ends.empty()) {
        const auto comma = std::min(ends.find(','), ends.size());
        if (comma > 0 && path.ends_with(ends.substr(0, comma))) return true;
        ends.remove_prefix(std::min(comma + 1, ends.size()));
    }
    return false;
}

bool is_armed() {
    const auto file = setting("LIVEFAIR_POWERLOSS_ARM");
    return !file.empty() && ::access(file.data(), F_OK) == 0;
}

/// The path of a watched file; empty for all other descriptors.
std::string watched(int fd) {
    char link[64], path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const auto length = ::readlink(link, path, sizeof path);
    if (length <= 0) return {};
    const std::string_view found(path, static_cast<std::size_t>(length));
    return ends_in_one_of(found, setting("LIVEFAIR_POWERLOSS_FILES")) ? std::string(found) : std::string();
}

std::string log_path(std::string path) {
    std::replace(path.begin(), path.end(), '/', '%');
    return std::string(setting("LIVEFAIR_POWERLOSS_DIR")) + "/" + path;
}

long write_at(int fd, const void* bytes, std::size_t count, std::uint64_t offset) { return ::syscall(SYS_pwrite64, fd, bytes, count, offset); }

/// The log of one file, open for one call.
class Log {
public:
    /// `fd`: the file; how it is now counts as durable when it is seen first.
    Log(const std::string& path, int fd) : fd_(::open(log_path(path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (::pread(fd_, &header_, sizeof header_, 0) == sizeof header_) return;
        header_ = {length_of(fd), sizeof header_};
        save();
    }
    ~Log() { ::close(fd_); }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Keeps what durable bytes [from, to) are now.
    void keep(int fd, std::uint64_t from, std::uint64_t to) {
        to = std::min(to, header_.durable_bytes);
        if (from >= to) return;
        std::vector<char> bytes(to - from);
        const auto count = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(from));
        if (count <= 0) return;
        const PowerLossEntry entry{from, static_cast<std::uint64_t>(count)};
        write_at(fd_, &entry, sizeof entry, header_.log_bytes);
        write_at(fd_, bytes.data(), static_cast<std::size_t>(count), header_.log_bytes + sizeof entry);
        header_.log_bytes += sizeof entry + static_cast<std::uint64_t>(count);
        save();
    }
    void synced(std::uint64_t bytes) {
        header_ = {bytes, sizeof header_};
        save();
    }
    static std::uint64_t length_of(int fd) {
        struct stat status {};
        return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    }

private:
    /// One small write: kill -9 does not cut it.
    void save() { write_at(fd_, &header_, sizeof header_, 0); }
    int fd_;
    PowerLossHeader header_{};
};

void before_write(int fd, std::uint64_t from, std::uint64_t count) {
    const auto path = watched(fd);
    if (path.empty()) return;
    const std::lock_guard lock(mutex());
    Log(path, fd).keep(fd, from, from + count);
}

void before_plain_write(int fd, std::size_t count) {
    if (fd <= 2) return;
    const bool appends = (::fcntl(fd, F_GETFL) & O_APPEND) != 0;
    const auto at = appends ? static_cast<off_t>(Log::length_of(fd)) : ::lseek(fd, 0, SEEK_CUR);
    if (at >= 0) before_write(fd, static_cast<std::uint64_t>(at), count);
}

void maybe_crash(const std::string& path, std::string_view when) {
    static int count = 0;
    const auto crash = setting("LIVEFAIR_POWERLOSS_CRASH");
    if (!crash.starts_with(when) || !path.ends_with(setting("LIVEFAIR_POWERLOSS_CRASH_FILE")) || !is_armed()) return;
    if (++count == std::atoi(crash.data() + crash.find(':') + 1)) ::kill(::getpid(), SIGKILL);
}

template <class Sync>
int sync(int fd, Sync really) {
    const auto path = watched(fd);
    if (path.empty()) return really(fd);
    maybe_crash(path, "before:");
    if (ends_in_one_of(path, setting("LIVEFAIR_POWERLOSS_IGNORE")) && is_armed()) return 0;
    // What is written meanwhile is not covered.
    const auto bytes = Log::length_of(fd);
    const int status = really(fd);
    if (status == 0) {
        const std::lock_guard lock(mutex());
        Log(path, fd).synced(bytes);
    }
    maybe_crash(path, "after:");
    return status;
}

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t count) {
    static auto* const really = next<ssize_t(int, const void*, size_t)>("write");
    before_plain_write(fd, count);
    return really(fd, bytes, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
    static auto* const really = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
    before_write(fd, static_cast<std::uint64_t>(offset), count);
    return really(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) {
    static auto* const really = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
    before_write(fd, static_cast<std::uint64_t>(offset), count);
    return really(fd, bytes, count, offset);
}

int ftruncate(int fd, off_t length) noexcept {
    static auto* const really = next<int(int, off_t)>("ftruncate");
    before_write(fd, static_cast<std::uint64_t>(length), UINT64_MAX / 2);
    return really(fd, length);
}

int ftruncate64(int fd, off64_t length) noexcept {
    static auto* const really = next<int(int, off64_t)>("ftruncate64");
    before_write(fd, static_cast<std::uint64_t>(length), UINT64_MAX / 2);
    return really(fd, length);
}

int fsync(int fd) {
    static auto* const really = next<int(int)>("fsync");
    return sync(fd, really);
}

int fdatasync(int fd) {
    static auto* const really = next<int(int)>("fdatasync");
    return sync(fd, really);
}

int unlink(const char* path) noexcept {
    static auto* const really = next<int(const char*)>("unlink");
    if (ends_in_one_of(path, setting("LIVEFAIR_POWERLOSS_FILES"))) {
        char* full = ::realpath(path, nullptr);
        if (full) {
            const std::lock_guard lock(mutex());
            really(log_path(full).c_str());
        }
        std::free(full);
    }
    return really(path);
}
}
