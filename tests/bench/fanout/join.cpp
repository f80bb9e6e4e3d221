#include <atomic>
#include <cstdio>
#include <exception>
#include <thread>

#include "bench/fanout/measurements.hpp"
#include "bench/fanout/speaking.hpp"
#include "bench/many_descriptors.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr double joins_per_second = 2000;
constexpr int doors = 2;  ///< Threads that let viewers in; each waits for every handshake.

struct Crowd {
    std::atomic<int> joined = 0;
    std::atomic<bool> failed = false;
    std::string why;
};

/// Lets `count` viewers in, evenly, and waits for their snapshots.
void join_evenly(Crowd& crowd, Livefair& gateway, const Door& door, int count) {
    try {
        int welcomed = 0;
        Audience audience([&](std::size_t, std::string_view message, Audience::Time) {
            if (gateway.is_welcome(message)) ++welcomed;
        });
        const auto step = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(doors / joins_per_second));
        auto next = Clock::now();
        for (int i = 0; i < count; ++i, next += step) {
            while (Clock::now() < next) audience.turn(1ms);
            audience.enter(door);
        }
        const auto end = Clock::now() + 30s;
        while (welcomed < count && Clock::now() < end) audience.turn(20ms);
        crowd.joined += welcomed;
    } catch (const std::exception& error) {
        crowd.why = error.what();
        crowd.failed = true;
    }
}

}  // namespace

void measure_join(const FanoutOptions& options) {
    allow_many_descriptors();
    constexpr std::size_t others = 500;
    Livefair gateway({});
    Lines lines(others, 200);
    Audience audience([](std::size_t, std::string_view, Audience::Time) {});
    while (audience.size() < others) audience.enter(gateway.viewer_of("room-b"));
    gateway.speak_in("room-b", "");
    Speaking speaking(gateway, audience, lines);
    speaking.speak(10, 2s);
    lines.begin();
    speaking.speak(10, std::chrono::seconds(options.seconds));
    const bool all_before = speaking.wait_for_all();
    const double p99_before = lines.ms().quantile(0.99);

    lines.begin();
    Crowd crowd;
    const auto door = gateway.viewer();
    const auto began = Clock::now();
    std::vector<std::jthread> threads;
    for (int i = 0; i < doors; ++i) threads.emplace_back([&] { join_evenly(crowd, gateway, door, options.room / doors); });
    while (crowd.joined < options.room / doors * doors && !crowd.failed && Clock::now() < began + 60s) speaking.speak(10, 100ms);
    const auto took = std::chrono::duration<double>(Clock::now() - began).count();
    const bool all_during = speaking.wait_for_all();
    const double p99 = lines.ms().quantile(0.99);
    threads.clear();
    if (crowd.failed) throw std::runtime_error(crowd.why);
    const bool met = crowd.joined == options.room && all_before && all_during && p99 < 2 * p99_before;
    std::printf("\nJoin storm: %d viewers join one room with a snapshot at %.0f a second, while another room of %zu gets 10 lines a second\n\n"
                "| joined | in | refused | other room's p99 before | during | ratio | goal | |\n|---|---|---|---|---|---|---|---|\n"
                "| %d | %.1f s | %d | %.1f ms | %.1f ms | %.2f | none refused, below 2 | %s |\n",
                options.room, joins_per_second, others, crowd.joined.load(), took, options.room - crowd.joined, p99_before, p99, p99 / p99_before, met ? "met" : "NOT MET");
}

}  // namespace livefair::bench
