#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::net {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

/// Completion token everywhere: co_await gives (error_code, results...) and never throws.
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Starts `task` on `executor`. An exception that escapes it is logged with `what` and ends only this task.
void spawn(const asio::any_io_executor& executor, Task<> task, std::string_view what);

/// Waits on the caller's executor; returns early (without error) when the task is cancelled.
Task<> sleep_for(std::chrono::milliseconds duration);

}  // namespace livefair::net
