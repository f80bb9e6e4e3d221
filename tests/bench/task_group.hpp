#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

#include "net/task.hpp"

namespace livefair::bench {

/// Tasks that run side by side on one executor and are waited for together. wait() before it is destroyed.
class TaskGroup {
public:
    explicit TaskGroup(net::asio::any_io_executor executor)
        : executor_(std::move(executor)), all_done_(executor_, std::chrono::steady_clock::time_point::max()) {}

    /// Starts `task`. What escapes it as an exception ends the program: livefair-bench has no use for half a run.
    void add(net::Task<> task) {
        ++running_;
        net::asio::co_spawn(executor_, std::move(task), [this](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
            if (--running_ == 0) all_done_.cancel();
        });
    }
    net::Task<> wait() {
        while (running_ > 0) co_await all_done_.async_wait(net::as_result);
    }

private:
    net::asio::any_io_executor executor_;
    net::asio::steady_timer all_done_;
    std::int64_t running_ = 0;
};

}  // namespace livefair::bench
