#include <algorithm>
#include <cstdio>
#include <vector>

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
    // The stock that is told is the time: microseconds since the measurement began.
    const auto began = Audience::Time::clock::now();
    const auto microseconds = [&](Audience::Time at) { return std::chrono::duration_cast<std::chrono::microseconds>(at - began).count(); };
    std::vector<std::int64_t> stock(viewers, 0);
    Readings stock_ms;
    speaking.look([&](std::size_t viewer, std::string_view message, Audience::Time at) {
        for (const auto& event : gateway.parsed(message).events().events()) {
            if (!event.event().has_stock()) continue;
            stock[viewer] = event.event().stock().left();
            stock_ms.values.push_back(static_cast<double>(microseconds(at) - stock[viewer]) / 1000);
        }
    });
    std::int64_t newest_stock = 0, stocks_told = 0;
    const auto tell_stock = [&](int line) {
        if (line % 4 != 0) return;
        newest_stock = microseconds(Audience::Time::clock::now());
        ++stocks_told;
        gateway.publish_stock(newest_stock);
    };
    speaking.speak(20, 2s, tell_stock);
    audience.run_for(1s);
    lines.begin();
    stock_ms.values.clear();
    stocks_told = 0;
    const double before = cpu_seconds(gateway.pid());
    speaking.speak(20, std::chrono::seconds(options.seconds), tell_stock);
    const bool all = speaking.wait_for_all();
    audience.run_for(500ms);
    const double share = (cpu_seconds(gateway.pid()) - before) / options.seconds;
    const bool all_stock = std::all_of(stock.begin(), stock.end(), [&](std::int64_t left) { return left == newest_stock; });
    const double p99 = lines.ms().quantile(0.99), stock_p99 = stock_ms.quantile(0.99);
    std::printf("\nOne room of %zu viewers on 2 shards, 20 lines of 200 bytes and 5 stock updates a second, %d s\n\n"
                "| | p50 | p99 | longest | goal (p99) | | delivered |\n|---|---|---|---|---|---|---|\n"
                "| lines | %.0f ms | %.0f ms | %.0f ms | %.0f ms | %s | %.2f %% |\n"
                "| stock updates | %.0f ms | %.0f ms | %.0f ms | %.0f ms | %s | %.2f %%, the last one to %s |\n\n"
                "Processor: %.0f %% of a core for both shards, %.0f %% for each\n",
                viewers, options.seconds, lines.ms().quantile(0.5), p99, lines.ms().quantile(1), goal_ms, all && p99 <= goal_ms ? "met" : "NOT MET",
                100.0 * static_cast<double>(lines.got()) / static_cast<double>(lines.sent() * viewers), stock_ms.quantile(0.5), stock_p99, stock_ms.quantile(1),
                goal_ms, all_stock && stock_p99 <= goal_ms ? "met" : "NOT MET",
                100.0 * static_cast<double>(stock_ms.values.size()) / static_cast<double>(static_cast<std::size_t>(stocks_told) * viewers), all_stock ? "all" : "NOT ALL",
                100 * share, 50 * share);
}

}  // namespace livefair::bench
