#pragma once

#include <chrono>
#include <cstdint>

namespace livefair {

/// Time as parts see it, so that tests can hold it still. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    /// Unix milliseconds, UTC. For people and records; may jump.
    virtual std::int64_t unix_ms() const = 0;
    /// For deadlines and rates; never goes back.
    virtual std::chrono::steady_clock::time_point steady() const = 0;
};

/// The machine's clock.
const Clock& system_clock();

/// A clock that moves only when told. For tests of one thread.
class FakeClock final : public Clock {
public:
    explicit FakeClock(std::int64_t unix_ms = 1'750'000'000'000) : unix_ms_(unix_ms) {}
    std::int64_t unix_ms() const override { return unix_ms_; }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::time_point(std::chrono::milliseconds(unix_ms_));
    }
    void advance(std::chrono::milliseconds by) { unix_ms_ += by.count(); }

private:
    std::int64_t unix_ms_;
};

}  // namespace livefair
