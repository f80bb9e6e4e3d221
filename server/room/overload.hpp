#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"

namespace livefair::room {

/// What a program that has too much to do leaves undone, each with all before it. Orders are always carried out.
enum class Load {
    normal,
    shed_chat,   ///< Viewers' chat is neither taken nor sent on.
    shed_joins,  ///< No viewer enters a room; whoever is in one stays.
    refuse,      ///< No new WebSockets or event streams.
};
std::string_view to_string(Load load);

/// How loaded this program is: the highest of the shards' lag, the program's memory and what waits for slow viewers, each as a part of its limit
/// (config, [overload]). From half of a limit chat is shed, from three quarters joins, from the whole on all is refused. It takes two judgements
/// in a row to go up, and five seconds below four fifths of a step's threshold to go down by that step. Thread-safe.
class Overload {
public:
    Overload(const Config::Overload& limits, unsigned shards, const Clock& clock);

    Load load() const { return load_.load(std::memory_order_relaxed); }

    /// What a shard measured: how late its loop was, and the bytes in its viewers' outboxes.
    void report(unsigned shard, std::chrono::nanoseconds lag, std::int64_t queued_bytes);
    /// To be called by one thread every quarter of a second. `resident_bytes`: of this process.
    void judge(std::int64_t resident_bytes);

private:
    struct Measured {
        std::atomic<std::int64_t> lag_ns = 0;  ///< The worst since the last judgement.
        std::atomic<std::int64_t> queued_bytes = 0;
    };
    double highest_part(std::int64_t resident_bytes);
    void change_to(Load load, double part);

    const Config::Overload limits_;
    const Clock& clock_;
    std::vector<Measured> measured_;
    std::atomic<Load> load_ = Load::normal;
    Load judged_before_ = Load::normal;
    std::chrono::steady_clock::time_point last_high_;  ///< When the present load was last called for.
};

/// Of this process, from the kernel; 0 when it does not say.
std::int64_t resident_bytes();
/// What this process may use: the machine's memory, or less where a control group says so.
std::int64_t usable_memory_bytes();

}  // namespace livefair::room
