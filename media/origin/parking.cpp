#include "origin/parking.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace livefair::origin {

struct Parking::Waiter {
    Waiter(net::Shard& shard, std::chrono::steady_clock::time_point deadline) : timer(shard.context(), deadline) {}
    net::asio::steady_timer timer;
    bool woken = false;
};

Parking::Parking(net::Shards& shards, std::size_t waiting_max) : shards_(shards), waiting_max_(waiting_max) {
    for (unsigned index = 0; index < shards.size(); ++index) by_shard_.push_back(std::make_unique<Waiters>());
}

Parking::~Parking() = default;

net::Task<Result<>> Parking::wait(net::Shard& shard, std::string stream, std::chrono::steady_clock::time_point deadline) {
    if (waiting_.fetch_add(1) >= waiting_max_) {
        --waiting_;
        co_return make_error_code(Errc::too_many_requests);
    }
    auto& waiters = *by_shard_[shard.index()];
    const auto waiter = std::make_shared<Waiter>(shard, deadline);
    waiters[stream].push_back(waiter);
    co_await waiter->timer.async_wait(net::as_result);
    --waiting_;
    if (waiter->woken) co_return Result<>();
    if (const auto found = waiters.find(stream); found != waiters.end()) {
        std::erase(found->second, waiter);
        if (found->second.empty()) waiters.erase(found);
    }
    co_return make_error_code(Errc::timed_out);
}

void Parking::wake(const std::string& stream) {
    for (unsigned index = 0; index < shards_.size(); ++index) {
        shards_.at(index).post([&waiters = *by_shard_[index], stream] {
            const auto found = waiters.find(stream);
            if (found == waiters.end()) return;
            const auto woken = std::exchange(found->second, {});
            waiters.erase(found);
            for (const auto& waiter : woken) {
                waiter->woken = true;
                waiter->timer.cancel();
            }
        });
    }
}

}  // namespace livefair::origin
