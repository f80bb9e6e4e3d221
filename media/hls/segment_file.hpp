#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "net/open_file.hpp"

namespace livefair::hls {

/// A complete segment's bytes as one file in memory, which the kernel sends without a copy: made when it is first asked for (a show
/// that nobody watches costs none), then the same for all. Costs as much memory again as the segment has. Thread-safe; while one shard
/// makes it, others that want this segment wait, some 0.2 ms per MB.
class SegmentFile {
public:
    using File = std::shared_ptr<const net::OpenFile>;

    /// Null: the system has no memory or descriptor for it; the bytes themselves can be sent.
    File get(const std::vector<SharedBytes>& bytes) {
        const std::lock_guard lock(mutex_);
        if (!file_)
            if (auto made = net::OpenFile::in_memory(bytes)) file_ = std::move(*made);
        return file_;
    }

private:
    std::mutex mutex_;
    File file_;
};

}  // namespace livefair::hls
