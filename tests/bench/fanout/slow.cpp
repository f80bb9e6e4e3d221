#include <algorithm>
#include <cstdio>

#include "base/config.hpp"
#include "bench/fanout/measurements.hpp"
#include "bench/fanout/speaking.hpp"
#include "bench/many_descriptors.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t line_bytes = 1000;
constexpr double lines_per_second = 20;

}  // namespace

void measure_slow(const FanoutOptions& options) {
    allow_many_descriptors();
    const auto viewers = static_cast<std::size_t>(options.idle), frozen = viewers / 10, reading = viewers - frozen;
    const auto seconds = std::chrono::seconds(3 * options.seconds);
    // The host's lines must be delivered: nothing of them may be dropped, so that the outboxes fill.
    Livefair gateway(test::House::Settings{{"LIVEFAIR_ROOM_CHAT_CHARS_MAX", "1000"}});
    Lines lines(reading, line_bytes);
    Audience audience([](std::size_t, std::string_view, Audience::Time) {});
    while (audience.size() < reading) audience.enter(gateway.viewer());
    gateway.speak_in("room-a", "HOST");
    Speaking speaking(gateway, audience, lines);
    auto door = gateway.viewer();
    door.receive_bytes = 4096;
    const auto first_frozen = audience.size();
    for (std::size_t i = 0; i < frozen; ++i) audience.enter(door);
    speaking.speak(lines_per_second, 3s);
    audience.run_for(1s);
    lines.begin();
    speaking.speak(lines_per_second, std::chrono::seconds(options.seconds));
    const bool all_before = speaking.wait_for_all();
    const double p99_before = lines.ms().quantile(0.99), pss_before = pss_bytes(gateway.pid());

    for (std::size_t i = 0; i < frozen; ++i) audience.freeze(first_frozen + i);
    lines.begin();
    double pss_most = pss_before;
    const auto per_second = static_cast<int>(lines_per_second);
    speaking.speak(lines_per_second, seconds, [&](int number) {
        if (number % per_second == 0) pss_most = std::max(pss_most, pss_bytes(gateway.pid()));
    });
    const bool all_during = speaking.wait_for_all();
    const double p99 = lines.ms().quantile(0.99), grown = (pss_most - pss_before) / (1 << 20), cap = static_cast<double>(Config().limits.outbox_bytes_max * static_cast<std::int64_t>(frozen)) / (1 << 20);
    const auto left = gateway.viewers_in("room-a");
    // All who read, and the host.
    const bool met = all_before && all_during && left == static_cast<std::int64_t>(reading) + 1 && grown <= cap && p99 <= 1.2 * p99_before;
    std::printf("\nSlow viewers: %zu of %zu in one room read nothing for %ld s, while the host says %.0f lines of %zu bytes a second\n\n"
                "| memory of the server grew by, at most | cap of all outboxes | others' p99 before | meanwhile | ratio | others delivered | in the room at the end | |\n|---|---|---|---|---|---|---|---|\n"
                "| %.1f MiB | %.0f MiB | %.1f ms | %.1f ms | %.2f | %.2f %% | %ld | %s |\n",
                frozen, viewers, static_cast<long>(seconds.count()), lines_per_second, line_bytes, grown, cap, p99_before, p99, p99 / p99_before,
                100.0 * static_cast<double>(lines.got()) / static_cast<double>(lines.sent() * reading), static_cast<long>(left), met ? "met" : "NOT MET");
}

}  // namespace livefair::bench
