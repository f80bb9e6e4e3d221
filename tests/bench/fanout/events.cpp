#include <cstdio>
#include <thread>

#include "bench/fanout/measurements.hpp"
#include "bench/fanout/speaking.hpp"
#include "bench/many_descriptors.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t line_bytes = 200;

struct Figures {
    Readings event_us, helper_us, p50_ms, p99_ms;
    double delivered = 1;  ///< The worst share of all rounds.
};

void run(Gateway& gateway, const FanoutOptions& options, double rate, Figures& figures) {
    const auto viewers = static_cast<std::size_t>(options.viewers);
    Lines lines(viewers, line_bytes);
    Audience audience([](std::size_t, std::string_view, Audience::Time) {});
    while (audience.size() < viewers) audience.enter(gateway.viewer());
    Speaking speaking(gateway, audience, lines);
    speaking.speak(rate, 2s);
    audience.run_for(500ms);
    lines.begin();
    const auto helper_seconds = [&] { return gateway.helper() > 0 ? cpu_seconds(gateway.helper()) : 0; };
    const double before = cpu_seconds(gateway.pid()), helper_before = helper_seconds();
    speaking.speak(rate, std::chrono::seconds(options.seconds));
    const bool all = speaking.wait_for_all();
    const double spent = cpu_seconds(gateway.pid()) - before, helper_spent = helper_seconds() - helper_before;
    const auto got = static_cast<double>(lines.got());
    figures.event_us.values.push_back(spent * 1e6 / got);
    figures.helper_us.values.push_back(helper_spent * 1e6 / static_cast<double>(lines.sent()));
    figures.p50_ms.values.push_back(lines.ms().quantile(0.5));
    figures.p99_ms.values.push_back(lines.ms().quantile(0.99));
    if (!all) figures.delivered = std::min(figures.delivered, got / static_cast<double>(lines.sent() * viewers));
    std::printf("  %-10s %.2f us an event, p99 %.0f ms, %.1f %% delivered\n", gateway.name().c_str(), figures.event_us.values.back(),
                figures.p99_ms.values.back(), 100 * got / static_cast<double>(lines.sent() * viewers));
    std::fflush(stdout);
}

void print_row(const std::string& name, const Figures& figures, double peer_us) {
    std::printf("| %s | %s | %.2f | %s | %s | %s | %.1f %% |\n", name.c_str(), figures.event_us.text(2).c_str(), figures.event_us.median() / peer_us,
                figures.p50_ms.text(0).c_str(), figures.p99_ms.text(0).c_str(), figures.helper_us.median() > 0 ? figures.helper_us.text(0).c_str() : "-",
                100 * figures.delivered);
}

/// Rounds there and back, so that what changes with time falls on both.
void compare(const FanoutOptions& options, double rate, const std::string& tick_ms, double goal, double p99_goal_ms) {
    std::printf("\n%d viewers, %.0f lines of %zu bytes a second (viewers' chat), tick %s ms, %d s, %d rounds there and back\n", options.viewers, rate, line_bytes,
                tick_ms.c_str(), options.seconds, options.rounds);
    Figures ours, peers;
    for (int round = 0; round < options.rounds; ++round)
        for (const bool is_ours : {round % 2 == 0, round % 2 != 0}) {
            if (is_ours) {
                Livefair gateway({{"LIVEFAIR_ROOM_TICK_MS", tick_ms}, {"LIVEFAIR_SERVER_SHARDS", "1"}});
                run(gateway, options, rate, ours);
            } else {
                Nchan gateway;
                run(gateway, options, rate, peers);
            }
        }
    const double ratio = ours.event_us.median() / peers.event_us.median();
    std::printf("\n| server | CPU us per delivered event, median (range) | ratio | p50 ms | p99 ms | Redis us per line | delivered |\n|---|---|---|---|---|---|---|\n");
    print_row("Nchan", peers, peers.event_us.median());
    print_row("Livefair", ours, peers.event_us.median());
    char p99_goal[32] = "";
    if (p99_goal_ms > 0) std::snprintf(p99_goal, sizeof p99_goal, "%.0f: %s", p99_goal_ms, ours.p99_ms.median() <= p99_goal_ms ? "met" : "NOT MET");
    std::printf("| goal | | %.2f: %s | | %s | | |\n", goal, ratio <= goal && ours.delivered == 1 && peers.delivered == 1 ? "met" : "NOT MET", p99_goal);
}

}  // namespace

void measure_events(const FanoutOptions& options) {
    allow_many_descriptors();
    compare(options, 50, "100", 1.0 / 6, 160);
    compare(options, 10, "0", 0.85, 0);
}

}  // namespace livefair::bench
