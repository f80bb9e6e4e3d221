#include "integration/media/broadcast.hpp"

#include <livefair/v1/media.pb.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "support/catch.hpp"

namespace livefair::test {
namespace {

using namespace std::chrono_literals;

double largest_gap(const std::vector<MediaFrame>& frames, double MediaFrame::*time) {
    double largest = frames.size() < 2 ? 0 : -1e9;
    for (std::size_t i = 1; i < frames.size(); ++i)
        largest = std::max(largest, frames[i].*time - (frames[i - 1].*time + frames[i - 1].seconds));
    return largest;
}

struct Output {
    std::string text, errors;
};

Output run_ffmpeg(const std::string& file, const std::vector<std::string>& arguments) {
    const auto out = file + ".out", err = file + ".err";
    write_file(out, "");
    write_file(err, "");
    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", file};
    options.command.insert(options.command.end(), arguments.begin(), arguments.end());
    for (const auto* word : {"-f", "framecrc", "-"}) options.command.push_back(word);
    options.output_file = out;
    options.error_file = err;
    Process process(std::move(options));
    const auto status = process.wait(60s);
    return {process.output(), process.errors() + (status == 0 ? "" : "ffmpeg failed\n")};
}

/// "stream, dts, pts, duration, size, crc" after "#tb 0: 1/90000" lines.
void read_frames(const std::string& text, DecodedRun& run, bool decoded) {
    std::istringstream in(text);
    std::map<int, double> unit;
    std::map<int, bool> is_video;
    for (std::string line; std::getline(in, line);) {
        int stream = 0, above = 0, below = 0;
        char kind[32] = {}, size[32] = {};
        if (std::sscanf(line.c_str(), "#tb %d: %d/%d", &stream, &above, &below) == 3) unit[stream] = static_cast<double>(above) / below;
        if (std::sscanf(line.c_str(), "#media_type %d: %31s", &stream, kind) == 2) is_video[stream] = std::string(kind) == "video";
        if (std::sscanf(line.c_str(), "#dimensions %d: %31s", &stream, size) == 2) run.picture_size = size;
        long long dts = 0, pts = 0, duration = 0;
        if (std::sscanf(line.c_str(), "%d, %lld, %lld, %lld,", &stream, &dts, &pts, &duration) != 4) continue;
        const auto at = [&](long long ticks) { return static_cast<double>(ticks) * unit[stream]; };
        if (decoded) {
            ++(is_video[stream] ? run.video_pictures : run.audio_frames);
        } else {
            (is_video[stream] ? run.video : run.audio).push_back({at(dts), at(pts), at(duration)});
        }
    }
}

}  // namespace

double DecodedRun::largest_video_gap() const { return largest_gap(video, &MediaFrame::dts); }
double DecodedRun::largest_audio_gap() const { return largest_gap(audio, &MediaFrame::dts); }

Broadcast::Broadcast(Studio& studio, std::string room)
    : studio_(studio), room_(std::move(room)), key_(studio.make_key(room_)), watch_(studio.url("/hls/" + room_ + "/live.m3u8")) {}

RtmpPublisher Broadcast::publisher(RtmpOptions options) {
    options.port = studio_.rtmp_port();
    RtmpPublisher made(std::move(options));
    REQUIRE(made.publish(key_) == "NetStream.Publish.Start");
    return made;
}

bool Broadcast::publish(const FlvClip& clip, double speed) {
    auto sender = publisher();
    const bool sent = sender.play(clip, speed);
    sender.unpublish();
    return sent;
}

void Broadcast::end() {
    REQUIRE(eventually([&] {
        const auto status = state().status();
        return status == v1::STREAM_STATUS_RECONNECTING || status == v1::STREAM_STATUS_OFFLINE;
    }));
    const auto problems = watch_.stop();
    CHECK(problems == std::vector<std::string>{});
}

v1::StreamState Broadcast::state() {
    v1::StreamState state;
    state.ParseFromString(studio_.ask_redis({"GET", "lf:stream:" + room_}).text);
    return state;
}

std::vector<DecodedRun> Broadcast::decode() {
    std::vector<DecodedRun> runs;
    std::vector<std::string> media;
    std::uint64_t discontinuity = 0;
    for (const auto& [sequence, segment] : watch_.segments()) {
        if (runs.empty() || segment.discontinuity != discontinuity || segment.map != runs.back().map) {
            runs.push_back({});
            runs.back().map = segment.map;
            media.push_back(watch_.bytes_of(segment.map));
        }
        discontinuity = segment.discontinuity;
        media.back() += watch_.bytes_of(segment.name);
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto file = studio_.file(room_ + "-run" + std::to_string(i) + ".mp4");
        write_file(file, media[i]);
        const auto demuxed = run_ffmpeg(file, {"-map", "0", "-c", "copy"});
        const auto decoded = run_ffmpeg(file, {"-map", "0", "-vsync", "passthrough"});
        read_frames(demuxed.text, runs[i], false);
        read_frames(decoded.text, runs[i], true);
        runs[i].errors = demuxed.errors + decoded.errors;
    }
    return runs;
}

}  // namespace livefair::test
