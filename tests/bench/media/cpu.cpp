#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <thread>

#include "bench/media/measurements.hpp"
#include "bench/media/peers.hpp"
#include "bench/media/process_figures.hpp"

namespace livefair::bench {
namespace {

constexpr double clip_fps = 30;

/// Every stream's listed segments hold a frame for each 1/30 s that they say they last.
int check_frames(Repackager& server, int streams) {
    int total = 0;
    for (int index = 0; index < streams; ++index) {
        const auto listed = server.listed(index);
        const int frames = count_frames(listed.bytes);
        if (listed.seconds < 6 || std::abs(frames - listed.seconds * clip_fps) > 2)
            throw std::runtime_error(server.name() + ", stream " + std::to_string(index) + ": " + std::to_string(frames) + " frames in " +
                                     std::to_string(listed.seconds) + " s of segments");
        total += frames;
    }
    return total;
}

struct Candidate {
    const char* name;
    std::function<std::unique_ptr<Repackager>()> start;
    double goal;
    std::string recordings = {};  ///< Where it must have written what it served.
    Readings per_stream_minute = {};
};

double bytes_in(const std::string& folder) {
    double sum = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) sum += static_cast<double>(entry.file_size());
    return sum;
}

void measure_once(Candidate& candidate, const MediaOptions& options, const std::string& clip) {
    const double recorded_before = candidate.recordings.empty() ? 0 : bytes_in(candidate.recordings);
    const auto server = candidate.start();
    const auto publishers = publish(*server, clip, options.streams);
    std::this_thread::sleep_for(std::chrono::seconds(options.warm_up_seconds));
    const auto begin = std::chrono::steady_clock::now();
    const double before = cpu_seconds(server->pid());
    std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
    const double used = cpu_seconds(server->pid()) - before;
    const std::chrono::duration<double, std::ratio<60>> minutes = std::chrono::steady_clock::now() - begin;
    for (const auto& publisher : publishers)
        if (!publisher->is_running()) throw std::runtime_error(server->name() + ": a publisher ended");
    const int frames = check_frames(*server, options.streams);
    if (!candidate.recordings.empty() && bytes_in(candidate.recordings) - recorded_before < 300'000.0 * options.seconds * options.streams)
        throw std::runtime_error(server->name() + ": recordings are missing");
    const double figure = used / (minutes.count() * options.streams);
    candidate.per_stream_minute.values.push_back(figure);
    std::printf("  %-28s %.3f CPU-s per stream-minute; %d frames in the %d windows\n", candidate.name, figure, frames, options.streams);
    std::fflush(stdout);
}

}  // namespace

void measure_cpu(const MediaOptions& options) {
    const auto clip = clip_file(options.clip_folder);
    const MemoryFolder recordings;
    std::vector<Candidate> candidates;
    candidates.push_back({"nginx-rtmp, TS of 2 s", [] { return std::make_unique<NginxRtmp>(); }, 1});
    candidates.push_back({"Livefair, memory only", [] {
        return std::make_unique<Livefair>("Livefair", memory_only());
    }, 0.8});
    candidates.push_back({"Livefair, recorder on", [&recordings] {
        return std::make_unique<Livefair>("Livefair recording", test::Studio::Environment{{"LIVEFAIR_RECORD_DIR", recordings.path()}});
    }, 1.0, recordings.path()});
    std::printf("CPU to repackage %d streams of 2.6 Mbit/s, %d s after %d s of warm-up, %d rounds there and back\n", options.streams,
                options.seconds, options.warm_up_seconds, options.rounds);
    for (int round = 0; round < options.rounds; ++round)
        for (std::size_t step = 0; step < candidates.size(); ++step)
            measure_once(candidates[round % 2 == 0 ? step : candidates.size() - 1 - step], options, clip);
    std::printf("\n| server | CPU-s per stream-minute, median (range) | ratio | goal | |\n|---|---|---|---|---|\n");
    const double peer = candidates[0].per_stream_minute.median();
    for (const auto& candidate : candidates) {
        const double ratio = candidate.per_stream_minute.median() / peer;
        std::printf("| %s | %s | %.2f | %.1f | %s |\n", candidate.name, candidate.per_stream_minute.text(3).c_str(), ratio, candidate.goal,
                    ratio <= candidate.goal ? "met" : "NOT MET");
    }
    std::fflush(stdout);
}


}  // namespace livefair::bench
