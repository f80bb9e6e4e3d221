#include <cstdio>

#include "bench/fanout/measurements.hpp"
#include "bench/fanout/speaking.hpp"
#include "bench/many_descriptors.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;

constexpr double goal_ms = 300;

}  // namespace

void measure_room(const FanoutOptions& options) {
    allow_many_descriptors();
    const auto viewers = static_cast<std::size_t>(options.room);
    Livefair gateway({});
    Lines lines(viewers, 200);
    Audience audience([](std::size_t, std::string_view, Audience::Time) {});
    while (audience.size() < viewers) audience.enter(gateway.viewer());
    Speaking speaking(gateway, audience, lines);
    speaking.speak(20, 2s);
    audience.run_for(1s);
    lines.begin();
    const double before = cpu_seconds(gateway.pid());
    speaking.speak(20, std::chrono::seconds(options.seconds));
    const bool all = speaking.wait_for_all();
    const double share = (cpu_seconds(gateway.pid()) - before) / options.seconds;
    const double p99 = lines.ms().quantile(0.99);
    std::printf("\nOne room of %zu viewers, 20 lines of 200 bytes a second, %d s\n\n"
                "| p50 | p99 | longest | goal (p99) | | delivered | processor, of one core |\n|---|---|---|---|---|---|---|\n"
                "| %.0f ms | %.0f ms | %.0f ms | %.0f ms | %s | %.2f %% | %.0f %% |\n",
                viewers, options.seconds, lines.ms().quantile(0.5), p99, lines.ms().quantile(1), goal_ms, all && p99 <= goal_ms ? "met" : "NOT MET",
                100.0 * static_cast<double>(lines.got()) / static_cast<double>(lines.sent() * viewers), 100 * share);
}

}  // namespace livefair::bench
