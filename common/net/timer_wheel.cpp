#include "net/timer_wheel.hpp"

#include <algorithm>

namespace livefair::net {
namespace {

constexpr std::int64_t slot_count = 1024;  // 20 s

}  // namespace

TimerWheel::TimerWheel(Time now) : origin_(now), slots_(slot_count) {}

void TimerWheel::set(Timed& timed, Time due) {
    timed.unlink();
    // Rounded up: never early.
    timed.due_tick_ = due <= origin_ ? 0 : (due - origin_ + step - Time::duration(1)) / step;
    place(timed);
}

void TimerWheel::place(Timed& timed) {
    const auto tick = std::clamp(timed.due_tick_, tick_ + 1, tick_ + slot_count - 1);
    slots_[static_cast<std::size_t>(tick % slot_count)].push_back(timed);
}

void TimerWheel::advance(Time now) {
    const auto target = (now - origin_) / step;
    // After a long pause each slot is looked at once.
    tick_ = std::max(tick_, target - slot_count);
    while (tick_ < target) call_due(slots_[static_cast<std::size_t>(++tick_ % slot_count)]);
}

void TimerWheel::call_due(Slot& slot) {
    Slot due;
    due.swap(slot);
    while (!due.empty()) {
        auto& timed = due.front();
        timed.unlink();
        if (timed.due_tick_ > tick_) place(timed);
        else timed.on_time();
    }
}

std::optional<TimerWheel::Time> TimerWheel::next() const {
    for (auto tick = tick_ + 1; tick < tick_ + slot_count; ++tick)
        if (!slots_[static_cast<std::size_t>(tick % slot_count)].empty()) return time_of(tick);
    return std::nullopt;
}

}  // namespace livefair::net
