#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "net/task.hpp"

namespace livefair::net {

/// Work in the background that comes round: at once after start(), then each time a period after the round before has ended. Lives on one
/// executor; not thread-safe.
class Periodic {
public:
    using Round = std::function<Task<>()>;
    /// stop() is heard so soon, but for a round that is under way.
    static constexpr std::chrono::milliseconds look_period{200};

    /// `clock` has to live until the task has ended. `what` names the task in the log.
    Periodic(asio::any_io_executor executor, const Clock& clock, std::chrono::milliseconds period, std::string what);
    ~Periodic();
    Periodic(const Periodic&) = delete;

    /// `round` is kept until the task has ended. An exception that escapes it ends the task.
    void start(Round round);
    /// Also before start(), and more than once.
    void stop();
    /// False from stop() on, also for a round that is under way.
    bool is_on() const { return is_on_ && *is_on_; }

private:
    static Task<> run(std::shared_ptr<const bool> is_on, const Clock& clock, std::chrono::milliseconds period, Round round);

    asio::any_io_executor executor_;
    const Clock& clock_;
    std::chrono::milliseconds period_;
    std::string what_;
    std::shared_ptr<bool> is_on_;  ///< Of the task that was started last; shared with it.
};

}  // namespace livefair::net
