#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "net/open_file.hpp"
#include "net/shard.hpp"
#include "net/task.hpp"

namespace livefair::net {

/// Reads files for shards, which must not wait for a disk: what lies in the page cache is read at once, anything else on one thread
/// of its own, started by the first such read. At most one read a connection waits. Private to common/net.
class FileReader {
public:
    ~FileReader() { stop(); }
    /// Up to `length` bytes, at least one, from `offset`. On `shard`, the caller's.
    /// Errors: Errc::internal (a read error, a file that became shorter), closed (after stop()).
    Task<Result<std::string>> read(Shard& shard, std::shared_ptr<const OpenFile> file, std::uint64_t offset, std::size_t length);
    /// Ends the thread; reads that wait end with Errc::closed. Idempotent.
    void stop();

private:
    struct Job;
    bool enqueue(std::shared_ptr<Job> job);
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<Job>> jobs_;
    std::thread thread_;
    bool is_stopped_ = false;
};

}  // namespace livefair::net
