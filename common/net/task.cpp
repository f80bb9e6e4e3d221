#include "net/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <string>

#include "base/log.hpp"

namespace livefair::net {

void spawn(const asio::any_io_executor& executor, Task<> task, std::string_view what) {
    asio::co_spawn(executor, std::move(task), [name = std::string(what)](std::exception_ptr error) {
        if (!error) return;
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& exception) {
            log::error("task_failed", {{"task", name}, {"why", exception.what()}});
        }
    });
}

Task<> sleep_for(std::chrono::milliseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(as_result);
}

}  // namespace livefair::net
