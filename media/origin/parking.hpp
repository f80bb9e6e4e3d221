#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/shard.hpp"
#include "net/task.hpp"

namespace livefair::origin {

/// Where playlist and part requests wait for the next change of their stream, which has a name. Each shard keeps its own waiters; wake() may be called
/// on any thread. Bounded by `waiting_max` over all shards. Owned by Origin; lives as long as the shards run.
class Parking {
public:
    Parking(net::Shards& shards, std::size_t waiting_max);
    ~Parking();

    /// Waits on `shard`, the caller's, until wake(stream) or `deadline`. What woke it must be looked up again.
    /// A change that comes after the caller last looked is never missed: the look-up and this call happen in one turn of the loop.
    /// Errors: Errc::timed_out, too_many_requests (`waiting_max`).
    net::Task<Result<>> wait(net::Shard& shard, std::string stream, std::chrono::steady_clock::time_point deadline);
    void wake(const std::string& stream);
    std::size_t waiting() const { return waiting_; }

private:
    struct Waiter;
    using Waiters = std::unordered_map<std::string, std::vector<std::shared_ptr<Waiter>>>;

    net::Shards& shards_;
    std::size_t waiting_max_;
    std::atomic<std::size_t> waiting_ = 0;
    std::vector<std::unique_ptr<Waiters>> by_shard_;  // each touched on its shard alone
};

}  // namespace livefair::origin
