#include <cstdio>
#include <stdexcept>

#include "bench/media/live_publisher.hpp"
#include "bench/media/measurements.hpp"
#include "bench/media/part_follower.hpp"
#include "bench/media/peers.hpp"
#include "bench/media/process_figures.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::bench {

namespace {
constexpr double goal_ms = 20;
}

void measure_delay(const MediaOptions& options) {
    auto clip = test::FlvClip::parse(test::read_file(clip_file(options.clip_folder)));
    clip.duration_ms = 60'000;
    test::Studio studio(memory_only());
    const LivePublisher publisher(studio.rtmp_port(), studio.make_key("delay"), clip);
    if (!test::eventually([&] { return !studio.playlist("delay").empty(); })) throw std::runtime_error("no playlist");
    const auto playlist = studio.playlist("delay");
    PartFollower follower(studio.hls_port(), "delay", playlist);
    // Those that were there before are no measure, nor is the first that comes while we catch up.
    while (follower.next_number() <= hinted_part(playlist) + 1) static_cast<void>(follower.next(publisher));
    Readings delays_ms;
    for (int part = 0; part < options.seconds * 10; ++part) {
        const auto arrived = follower.next(publisher);
        delays_ms.values.push_back(std::chrono::duration<double, std::milli>(arrived.at - arrived.last_frame_sent).count());
    }
    const double p99 = delays_ms.quantile(0.99);
    std::printf("\nFrom the publisher's send of a part's last frame to the part's first byte at a player that waits for it; %zu parts\n\n"
                "| p50 | p99 | longest | goal (p99) | |\n|---|---|---|---|---|\n| %.1f ms | %.1f ms | %.1f ms | %.0f ms | %s |\n",
                delays_ms.values.size(), delays_ms.quantile(0.5), p99, delays_ms.quantile(1), goal_ms, p99 <= goal_ms ? "met" : "NOT MET");
}

}  // namespace livefair::bench
