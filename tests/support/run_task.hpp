#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>

#include "net/task.hpp"

namespace livefair::test {

/// Runs `context` on this thread until `condition` holds; false when it does not within `deadline`.
template <class F>
bool run_until(net::asio::io_context& context, F condition,
               std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        context.restart();
        context.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
}

/// Runs `task` on `context` to its end and returns its result; other work of the context runs meanwhile.
/// Throws what the task throws, and std::runtime_error when it has not ended within `deadline`.
template <class T>
T run_task(net::asio::io_context& context, net::Task<T> task,
           std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
    // Shared with the handler, which outlives this call when the deadline passes.
    struct Outcome {
        bool done = false;
        std::exception_ptr error;
        std::optional<T> value;
    };
    auto outcome = std::make_shared<Outcome>();
    net::asio::co_spawn(context, std::move(task), [outcome](std::exception_ptr error, T value) {
        outcome->done = true;
        outcome->error = error;
        outcome->value.emplace(std::move(value));
    });
    if (!run_until(context, [&] { return outcome->done; }, deadline)) throw std::runtime_error("the task did not end in time");
    if (outcome->error) std::rethrow_exception(outcome->error);
    return std::move(*outcome->value);
}

inline void run_task(net::asio::io_context& context, net::Task<> task,
                     std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
    struct Outcome {
        bool done = false;
        std::exception_ptr error;
    };
    auto outcome = std::make_shared<Outcome>();
    net::asio::co_spawn(context, std::move(task), [outcome](std::exception_ptr error) {
        outcome->done = true;
        outcome->error = error;
    });
    if (!run_until(context, [&] { return outcome->done; }, deadline)) throw std::runtime_error("the task did not end in time");
    if (outcome->error) std::rethrow_exception(outcome->error);
}

}  // namespace livefair::test
