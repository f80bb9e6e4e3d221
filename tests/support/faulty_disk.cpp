#include "support/faulty_disk.hpp"

#include <sqlite3.h>

#include <atomic>

namespace livefair::test {
namespace {

struct State {
    std::atomic<std::int64_t> bytes_left{-1};
    std::atomic<bool> fails_syncs{false};
    std::atomic<bool> fails_writes{false};
    std::atomic<bool> has_failed{false};
    std::atomic<std::int64_t> syncs_after_failure{0};
};
State state;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs our_vfs;
sqlite3_io_methods our_methods;

/// SQLite gives room for this and, behind it, the system's own file.
struct File {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->real();
}

int close_file(sqlite3_file* file) {
    return real(file)->pMethods->xClose(real(file));
}
int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
    return real(file)->pMethods->xRead(real(file), to, bytes, at);
}
int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    if (state.fails_writes) {
        state.has_failed = true;
        return SQLITE_IOERR_WRITE;
    }
    if (state.bytes_left >= 0 && state.bytes_left.fetch_sub(bytes) < bytes) {
        state.bytes_left = 0;
        return SQLITE_FULL;
    }
    return real(file)->pMethods->xWrite(real(file), from, bytes, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 bytes) {
    return real(file)->pMethods->xTruncate(real(file), bytes);
}
int sync_file(sqlite3_file* file, int flags) {
    if (state.has_failed) ++state.syncs_after_failure;
    if (state.fails_syncs) {
        state.has_failed = true;
        return SQLITE_IOERR_FSYNC;
    }
    return real(file)->pMethods->xSync(real(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* bytes) {
    return real(file)->pMethods->xFileSize(real(file), bytes);
}
int lock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* is_reserved) {
    return real(file)->pMethods->xCheckReservedLock(real(file), is_reserved);
}
int control_file(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int map_memory(sqlite3_file* file, int page, int bytes, int extend, void volatile** to) {
    return real(file)->pMethods->xShmMap(real(file), page, bytes, extend, to);
}
int lock_memory(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
int unmap_memory(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_vfs->xOpen(real_vfs, name, real(file), flags, out_flags);
    file->pMethods = real(file)->pMethods == nullptr ? nullptr : &our_methods;
    return code;
}

}  // namespace

FaultyDisk::FaultyDisk() {
    state.bytes_left = -1;
    state.fails_syncs = state.fails_writes = state.has_failed = false;
    state.syncs_after_failure = 0;
    real_vfs = sqlite3_vfs_find(nullptr);
    our_methods = sqlite3_io_methods{};
    our_methods.iVersion = 2;
    our_methods.xClose = close_file;
    our_methods.xRead = read_file;
    our_methods.xWrite = write_file;
    our_methods.xTruncate = truncate_file;
    our_methods.xSync = sync_file;
    our_methods.xFileSize = file_size;
    our_methods.xLock = lock_file;
    our_methods.xUnlock = unlock_file;
    our_methods.xCheckReservedLock = check_lock;
    our_methods.xFileControl = control_file;
    our_methods.xSectorSize = sector_size;
    our_methods.xDeviceCharacteristics = characteristics;
    our_methods.xShmMap = map_memory;
    our_methods.xShmLock = lock_memory;
    our_methods.xShmBarrier = barrier;
    our_methods.xShmUnmap = unmap_memory;
    our_vfs = *real_vfs;
    our_vfs.zName = "faulty";
    our_vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
    our_vfs.xOpen = open_file;
    sqlite3_vfs_register(&our_vfs, 1);
}

FaultyDisk::~FaultyDisk() {
    sqlite3_vfs_unregister(&our_vfs);
    sqlite3_vfs_register(real_vfs, 1);
}

void FaultyDisk::set_bytes_left(std::int64_t bytes) {
    state.bytes_left = bytes;
}
void FaultyDisk::fail_syncs(bool fails) {
    state.fails_syncs = fails;
}
void FaultyDisk::fail_writes(bool fails) {
    state.fails_writes = fails;
}
std::int64_t FaultyDisk::syncs_after_failure() const {
    return state.syncs_after_failure;
}

}  // namespace livefair::test
