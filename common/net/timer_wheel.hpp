#pragma once

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace livefair::net {

/// Something that is to be called at a time, at one at most. Leaves its wheel when it is destroyed.
class Timed : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    virtual void on_time() = 0;

protected:
    ~Timed() = default;

private:
    friend class TimerWheel;
    std::int64_t due_tick_ = 0;
};

/// The timers of many connections: setting and cancelling one costs a link in a list and no memory. Calls come up to a step late, never early.
/// Times are of a steady clock. Not thread-safe.
class TimerWheel {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds step{20};

    explicit TimerWheel(Time now);

    /// Has `timed` called at `due`, in place of an earlier setting. O(1).
    void set(Timed& timed, Time due);
    void cancel(Timed& timed) { timed.unlink(); }
    /// Calls what is due. A call may set, cancel and destroy any Timed.
    void advance(Time now);
    /// When advance() may have something to do; nothing for an empty wheel. O(slots).
    std::optional<Time> next() const;

private:
    using Slot = boost::intrusive::list<Timed, boost::intrusive::constant_time_size<false>>;

    Time time_of(std::int64_t tick) const { return origin_ + tick * step; }
    void place(Timed& timed);
    void call_due(Slot& slot);

    Time origin_;
    std::int64_t tick_ = 0;  ///< The last one that advance() has been through.
    /// What is due later than the wheel reaches waits in its last slot and is placed again from there.
    std::vector<Slot> slots_;
};

}  // namespace livefair::net
