#include <cstdio>
#include <stdexcept>
#include <thread>

#include "bench/media/measurements.hpp"
#include "bench/media/peers.hpp"
#include "bench/media/process_figures.hpp"
#include "net/http_client.hpp"

namespace livefair::bench {
namespace {

constexpr double goal_mib = 1;
/// Until the window holds as many segments as it ever does: seven listed, three kept behind them, one that grows.
constexpr int fill_seconds = 30;

std::size_t body_size(test::Studio& studio, const std::string& path) {
    const auto answer = studio.get(path);
    return answer.status == 200 ? net::body_of(answer).size() : 0;
}

/// The bytes that players can fetch of a room: segments, those no longer listed, and the parts of the open one.
std::size_t window_bytes(test::Studio& studio, const std::string& room) {
    const auto playlist = studio.playlist(room);
    const auto folder = "/hls/" + room + "/";
    const auto first = test::number_of(playlist, "#EXT-X-MEDIA-SEQUENCE");
    const auto listed = test::lines_with(playlist, "#EXTINF:").size();
    std::size_t bytes = 0;
    for (auto sequence = first - 5; sequence < first + listed; ++sequence)
        bytes += body_size(studio, folder + "seg_" + std::to_string(sequence) + ".m4s");
    for (const auto& part : test::lines_with(playlist.substr(playlist.rfind("#EXTINF:")), "#EXT-X-PART:")) {
        const auto at = part.find("URI=\"") + 5;
        bytes += body_size(studio, folder + part.substr(at, part.find('"', at) - at));
    }
    return bytes;
}

}  // namespace

void measure_memory(const MediaOptions& options) {
    const auto clip = clip_file(options.clip_folder);
    Livefair server("Livefair", memory_only());
    const double before = pss_bytes(server.pid());
    const auto publishers = publish(server, clip, options.streams);
    std::this_thread::sleep_for(std::chrono::seconds(fill_seconds));
    const double after = pss_bytes(server.pid());
    double window = 0;
    for (int index = 0; index < options.streams; ++index)
        window += static_cast<double>(window_bytes(server.studio(), "bench" + std::to_string(index)));
    constexpr double mib = 1 << 20;
    const double per_stream = (after - before - window) / options.streams / mib;
    std::printf("\nMemory of %d streams (PSS), %d s after they began\n\n"
                "| without streams | with streams | bytes of the windows | a stream besides | goal | |\n|---|---|---|---|---|---|\n"
                "| %.1f MiB | %.1f MiB | %.1f MiB | %.2f MiB | %.0f MiB | %s |\n",
                options.streams, fill_seconds, before / mib, after / mib, window / mib, per_stream, goal_mib,
                per_stream <= goal_mib ? "met" : "NOT MET");
}

}  // namespace livefair::bench
