#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "ledger/database.hpp"

namespace livefair::ledger {

/// A piece of work without its type, and who is told how it ended.
struct QueuedJob {
    std::function<Result<>(Database&)> work;
    std::function<void(Result<>)> done;
};

/// Jobs for one of Ledger's threads. Thread-safe.
class JobQueue {
public:
    /// False: full or closed.
    bool push(QueuedJob job) {
        const std::lock_guard lock(mutex_);
        if (closed_ || jobs_.size() >= jobs_max) return false;
        jobs_.push_back(std::move(job));
        ready_.notify_one();
        return true;
    }
    /// Waits for work; empty once closed and drained.
    std::vector<QueuedJob> take() {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
        std::vector<QueuedJob> taken;
        while (!jobs_.empty() && taken.size() < jobs_per_commit_max) {
            taken.push_back(std::move(jobs_.front()));
            jobs_.pop_front();
        }
        return taken;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        ready_.notify_all();
    }

private:
    static constexpr std::size_t jobs_max = 10'000;
    static constexpr std::size_t jobs_per_commit_max = 256;

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<QueuedJob> jobs_;
    bool closed_ = false;
};

}  // namespace livefair::ledger
