#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>

/// The clocks of <chrono>, and with them all timers of Asio, show a time that is set. See virtual_time.cpp.
namespace livefair::sim {

void set_virtual_us(std::int64_t us);
/// Virtual microseconds from the first moment of a world to the next midnight in UTC+8.
std::int64_t us_to_midnight();
/// Microseconds to the earliest timer of `io`, in whole milliseconds, at most a second. For a loop without ready handlers.
std::int64_t us_to_next_timer(boost::asio::io_context& io);
/// Microseconds of the real steady clock.
std::int64_t real_us();

}  // namespace livefair::sim
