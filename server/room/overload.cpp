#include "room/overload.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace livefair::room {
namespace {

constexpr double shed_chat_from = 0.5, shed_joins_from = 0.75, refuse_from = 1.0;
constexpr double calm = 0.8;
constexpr std::chrono::seconds calm_for{5};

double threshold_of(Load load) {
    switch (load) {
        case Load::normal: return 0;
        case Load::shed_chat: return shed_chat_from;
        case Load::shed_joins: return shed_joins_from;
        case Load::refuse: return refuse_from;
    }
    return 0;
}

Load load_at(double part) {
    if (part >= refuse_from) return Load::refuse;
    if (part >= shed_joins_from) return Load::shed_joins;
    if (part >= shed_chat_from) return Load::shed_chat;
    return Load::normal;
}

Load below(Load load) { return static_cast<Load>(static_cast<int>(load) - 1); }

double part_of(std::int64_t value, std::int64_t limit) { return static_cast<double>(value) / static_cast<double>(limit); }

Config::Overload with_defaults(Config::Overload limits) {
    if (limits.memory_bytes == 0) limits.memory_bytes = usable_memory_bytes() / 4 * 3;
    return limits;
}

void show(Load load) {
    static auto gauge = metrics::gauge("livefair_overload_state", "0: normal, 1: chat is shed, 2: joins too, 3: new connections are refused.");
    gauge.set(static_cast<double>(load));
}

}  // namespace

std::string_view to_string(Load load) {
    switch (load) {
        case Load::normal: return "normal";
        case Load::shed_chat: return "shed_chat";
        case Load::shed_joins: return "shed_joins";
        case Load::refuse: return "refuse";
    }
    return "normal";
}

Overload::Overload(const Config::Overload& limits, unsigned shards, const Clock& clock)
    : limits_(with_defaults(limits)), clock_(clock), measured_(shards), last_high_(clock.steady()) {
    show(Load::normal);
}

void Overload::report(unsigned shard, std::chrono::nanoseconds lag, std::int64_t queued_bytes) {
    auto& measured = measured_.at(shard);
    auto worst = measured.lag_ns.load();
    while (worst < lag.count() && !measured.lag_ns.compare_exchange_weak(worst, lag.count())) {}
    measured.queued_bytes = queued_bytes;
}

void Overload::judge(std::int64_t resident_bytes) {
    const auto part = highest_part(resident_bytes);
    const auto judged = load_at(part);
    const auto now = clock_.steady();
    const auto present = load();
    const auto rises_to = std::min(judged, std::exchange(judged_before_, judged));
    if (rises_to > present) change_to(rises_to, part);
    if (part >= calm * threshold_of(load())) {
        last_high_ = now;
    } else if (now - last_high_ >= calm_for) {
        change_to(below(load()), part);
        last_high_ = now;
    }
}

double Overload::highest_part(std::int64_t resident_bytes) {
    std::int64_t lag_ns = 0, queued_bytes = 0;
    for (auto& measured : measured_) {
        lag_ns = std::max(lag_ns, measured.lag_ns.exchange(0));
        queued_bytes += measured.queued_bytes;
    }
    return std::max({part_of(lag_ns, limits_.lag_ms * 1'000'000), part_of(resident_bytes, limits_.memory_bytes),
                     part_of(queued_bytes, limits_.queued_bytes)});
}

void Overload::change_to(Load load, double part) {
    log::warn("overload_changed", {{"from", to_string(this->load())}, {"to", to_string(load)}, {"load_percent", static_cast<std::int64_t>(part * 100)}});
    load_ = load;
    show(load);
}

std::int64_t resident_bytes() {
    std::int64_t size = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

std::int64_t usable_memory_bytes() {
    std::int64_t bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
        if (std::int64_t limit = 0; std::ifstream(file) >> limit && limit > 0) bytes = std::min(bytes, limit);
    return bytes;
}

}  // namespace livefair::room
