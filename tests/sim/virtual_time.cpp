// This file defines functions of the C++ and C libraries anew, for this program alone: the linker takes a program's own
// definition before a library's. So product code runs here unchanged, and no time passes while it waits.
#include "sim/virtual_time.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>

namespace {

std::int64_t virtual_us = 0;
int asked_timeout_ms = 0;
/// 2026-06-30, so that dates look like dates.
constexpr std::int64_t epoch_us = 1'782'800'000'000'000;
/// Zero is "never" in some code.
constexpr std::int64_t steady_origin_us = 1'000'000'000;

/// Its second look at the time is past any goal, so that run_one_until() asks the loop once.
struct OneLook {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<OneLook>;
    static constexpr bool is_steady = true;
    static time_point now() {
        is_first = !is_first;
        return is_first ? time_point(duration(0)) : time_point(duration(10'000'000));
    }
    static bool is_first;
};
bool OneLook::is_first = false;

}  // namespace

std::chrono::steady_clock::time_point std::chrono::_V2::steady_clock::now() noexcept {
    return time_point(std::chrono::microseconds(virtual_us + steady_origin_us));
}

std::chrono::system_clock::time_point std::chrono::_V2::system_clock::now() noexcept {
    return time_point(std::chrono::microseconds(virtual_us + epoch_us));
}

extern "C" {

/// Without a timer descriptor Asio keeps its timers itself and looks at them at each turn of the loop.
int timerfd_create(int, int) noexcept {
    errno = EINVAL;
    return -1;
}

/// Asio rings a bell for a loop that waits; here none does.
int epoll_ctl(int, int, int, epoll_event*) noexcept {
    return 0;
}

/// No descriptor is ever ready; the timeout says when the loop wants to be woken.
int epoll_wait(int, epoll_event*, int, int timeout_ms) {
    asked_timeout_ms = timeout_ms;
    return 0;
}
}

namespace livefair::sim {

void set_virtual_us(std::int64_t us) {
    virtual_us = us;
}

std::int64_t us_to_midnight() {
    constexpr std::int64_t day_us = 86'400'000'000, utc_plus_8_us = 28'800'000'000;
    return day_us - (epoch_us + utc_plus_8_us) % day_us;
}

std::int64_t us_to_next_timer(boost::asio::io_context& io) {
    asked_timeout_ms = 1000;
    io.restart();
    OneLook::is_first = false;
    io.run_one_until(OneLook::time_point(OneLook::duration(1'000'000)));
    return std::int64_t{asked_timeout_ms} * 1000;
}

std::int64_t real_us() {
    timespec time{};
    ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace livefair::sim
