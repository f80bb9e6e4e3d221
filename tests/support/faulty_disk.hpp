#pragma once

#include <cstdint>

namespace livefair::test {

/// A disk that fails, under every SQLite file that this program opens while it exists: a VFS around the system's own.
/// What it lets through is really written and really synced. One at a time; thread-safe.
class FaultyDisk {
public:
    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    /// So many bytes may still be written; then the disk is full (SQLITE_FULL). Negative: no limit.
    void set_bytes_left(std::int64_t bytes);
    /// Each fsync from now on ends with EIO.
    void fail_syncs(bool fails);
    /// Each write from now on ends with EIO.
    void fail_writes(bool fails);
    /// fsyncs that were asked for since a sync or a write first failed.
    std::int64_t syncs_after_failure() const;
};

}  // namespace livefair::test
