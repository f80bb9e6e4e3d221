#include "net/timer_wheel.hpp"

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "support/catch.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using net::TimerWheel;

namespace {

const TimerWheel::Time start{1000h};

/// Counts its calls; may do something more in them.
struct Alarm final : net::Timed {
    void on_time() override {
        ++calls;
        if (then) then();
    }
    int calls = 0;
    std::function<void()> then;
};

/// Notes when it was called.
struct Late final : net::Timed {
    void on_time() override { called = now; }
    static inline TimerWheel::Time now;
    TimerWheel::Time due, called{};
};

}  // namespace

TEST_CASE("a timer is called once, never early and at most a step late", "[net]") {
    TimerWheel wheel(start);
    Alarm alarm;
    wheel.set(alarm, start + 110ms);
    for (auto now = start; now < start + 110ms; now += 5ms) wheel.advance(now);
    CHECK(alarm.calls == 0);
    wheel.advance(start + 110ms + TimerWheel::step);
    CHECK(alarm.calls == 1);
    wheel.advance(start + 10h);
    CHECK(alarm.calls == 1);
    CHECK_FALSE(wheel.next());
}

TEST_CASE("a timer beyond the wheel's reach comes at its time, through pauses of the loop, too", "[net]") {
    TimerWheel wheel(start);
    Alarm minutes, hours;
    wheel.set(minutes, start + 5min);
    wheel.set(hours, start + 3h);
    auto now = start;
    for (const auto& pause : std::vector<std::chrono::milliseconds>{7s, 30s, 90s, 20ms, 160s}) wheel.advance(now += pause);
    CHECK(minutes.calls == 0);
    wheel.advance(start + 5min + 2 * TimerWheel::step);
    CHECK(minutes.calls == 1);
    CHECK(hours.calls == 0);
    wheel.advance(start + 4h);
    CHECK(hours.calls == 1);
}

TEST_CASE("setting a timer again moves it, cancelling and destroying it take it away", "[net]") {
    TimerWheel wheel(start);
    Alarm moved, cancelled;
    wheel.set(moved, start + 100ms);
    wheel.set(moved, start + 1s);
    wheel.set(cancelled, start + 100ms);
    wheel.cancel(cancelled);
    {
        Alarm destroyed;
        wheel.set(destroyed, start + 100ms);
    }
    CHECK(*wheel.next() >= start + 1s);
    wheel.advance(start + 500ms);
    CHECK(moved.calls == 0);
    wheel.advance(start + 2s);
    CHECK(moved.calls == 1);
    CHECK(cancelled.calls == 0);
}

TEST_CASE("a timer's call may set it again, and destroy one that is due in the same step", "[net]") {
    TimerWheel wheel(start);
    auto victim = std::make_unique<Alarm>();
    Alarm killer, again;
    killer.then = [&] { victim.reset(); };
    again.then = [&] { wheel.set(again, start + 1s * (again.calls + 1)); };
    wheel.set(killer, start + 100ms);
    wheel.set(*victim, start + 100ms);
    wheel.set(again, start + 1s);
    wheel.advance(start + 200ms);
    CHECK(killer.calls == 1);
    CHECK(victim == nullptr);
    for (auto now = start; now < start + 10500ms; now += 10ms) wheel.advance(now);
    CHECK(again.calls == 10);
}

TEST_CASE("thousands of timers each come within a step of their time", "[net]") {
    TimerWheel wheel(start);
    std::mt19937 random(7);
    std::vector<Late> all(5000);
    for (auto& each : all) {
        each.due = start + std::chrono::milliseconds(random() % 60'000);
        wheel.set(each, each.due);
    }
    for (Late::now = start; Late::now < start + 61s; Late::now += 1ms) wheel.advance(Late::now);
    std::size_t wrong = 0;
    for (const auto& each : all) wrong += each.called < each.due || each.called > each.due + TimerWheel::step + 1ms;
    CHECK(wrong == 0);
}
