#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/media/fragment_reader.hpp"
#include "bench/media/live_publisher.hpp"
#include "bench/media/measurements.hpp"
#include "bench/media/peers.hpp"
#include "bench/media/process_figures.hpp"
#include "net/http_client.hpp"

namespace livefair::bench {
namespace {

constexpr int reconnects = 24;
// The third publisher has a full window behind it and has seen what a reconnect costs. Medians over some publishers are compared, less the
// bytes of the segments that players can fetch: those go up and down with the segments' lengths.
constexpr int settled_run = 2, runs_compared = 5;
constexpr double drift_goal_ms = 50, memory_goal_mib = 1;
constexpr double video_scale = 90'000, audio_scale = 44'100;
constexpr std::size_t video_head_bytes = 5, audio_head_bytes = 2;  // of an FLV tag's body, before the frame

double unix_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// "2026-11-23T01:02:03.456Z" to Unix milliseconds.
double date_ms(const std::string& text) {
    std::tm parts{};
    double fraction = 0;
    if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d%lfZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
                    &parts.tm_sec, &fraction) != 7)
        throw std::runtime_error("no date: " + text);
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return static_cast<double>(::timegm(&parts)) * 1000 + fraction * 1000;
}

/// Looks at one room as a player does, and keeps the worst that it has seen.
class Watcher {
public:
    Watcher(test::Studio& studio, const test::FlvClip& clip) : studio_(studio), duration_ms_(static_cast<double>(clip.duration_ms)) {
        for (const auto& tag : clip.tags)
            if (tag.is_frame()) sources_.emplace(tag.body.substr(tag.is_video() ? video_head_bytes : audio_head_bytes), tag.at_ms);
    }

    void look() {
        const auto playlist = studio_.playlist("long");
        if (playlist.empty()) return;
        const auto sequence = test::number_of(playlist, "#EXT-X-MEDIA-SEQUENCE");
        if (sequence < sequence_) ++went_back;
        sequence_ = sequence;
        discontinuities = test::number_of(playlist, "#EXT-X-DISCONTINUITY-SEQUENCE") + test::lines_with(playlist, "#EXT-X-DISCONTINUITY").size() - 1;
        const auto segments = test::lines_with(playlist, "seg_");
        if (segments.empty() || segments.back() == newest_) return;
        newest_ = segments.back();
        judge_segment(playlist);
        ++segments_seen;
        listed_ = segments.size();
        kept_s_ = 3 * static_cast<double>(test::number_of(playlist, "#EXT-X-TARGETDURATION"));
    }

    /// Of the segments that are listed, and of those that stay for three target durations more.
    double held_bytes() const {
        double bytes = 0, unlisted_s = 0;
        std::size_t count = 0;
        for (auto segment = loaded_.rbegin(); segment != loaded_.rend() && unlisted_s < kept_s_; ++segment) {
            bytes += segment->bytes;
            if (++count > listed_) unlisted_s += segment->seconds;
        }
        return bytes;
    }

    int went_back = 0;
    int segments_seen = 0;
    std::uint64_t discontinuities = 0;
    double drift_max_ms = 0;
    Readings edge_age_ms;  // how old the end of the newest segment is when it is first seen

private:
    /// How much further apart sound and picture are in the segment than in the source.
    void judge_segment(const std::string& playlist) {
        const auto bytes = std::string(net::body_of(studio_.get("/hls/long/" + newest_)));
        const auto lengths = test::lines_with(playlist, "#EXTINF:");
        const double seconds = std::stod(lengths.back().substr(8));
        loaded_.push_back({static_cast<double>(bytes.size()), seconds});
        const auto first = read_fragment(bytes);
        if (first.video.samples == 0 || first.audio.samples == 0) return;
        const double apart_ms = 1000 * (static_cast<double>(first.audio.decode_time) / audio_scale -
                                        static_cast<double>(first.video.decode_time) / video_scale);
        double best = 1e9;
        const auto [video, video_end] = sources_.equal_range(std::string(first.video.first_sample));
        const auto [audio, audio_end] = sources_.equal_range(std::string(first.audio.first_sample));
        for (auto picture = video; picture != video_end; ++picture)
            for (auto sound = audio; sound != audio_end; ++sound) {
                // Round the clip: where it begins again, the sound may still be that of its end.
                const double drift = std::remainder(apart_ms - static_cast<double>(sound->second - picture->second), duration_ms_);
                best = std::min(best, std::abs(drift));
            }
        drift_max_ms = std::max(drift_max_ms, best);
        const auto dates = test::lines_with(playlist.substr(0, playlist.find(newest_)), "#EXT-X-PROGRAM-DATE-TIME:");
        edge_age_ms.values.push_back(unix_ms() - date_ms(dates.back().substr(25)) - 1000 * seconds);
    }

    test::Studio& studio_;
    const double duration_ms_;
    std::multimap<std::string, std::int64_t> sources_;
    struct Loaded {
        double bytes, seconds;
    };
    std::vector<Loaded> loaded_;  ///< Every segment, oldest first.
    std::size_t listed_ = 0;
    double kept_s_ = 0;
    std::string newest_;
    std::uint64_t sequence_ = 0;
};

}  // namespace

void measure_endurance(const MediaOptions& options) {
    const auto clip = test::FlvClip::make({.seconds = 12, .arguments = {"-b:a", "64k"}});
    test::Studio studio(memory_only());
    Watcher watcher(studio, clip);
    const auto key = studio.make_key("long");
    const auto begin = std::chrono::steady_clock::now();
    const auto length = std::chrono::duration<double, std::ratio<60>>(options.minutes);
    Readings early_mib, late_mib;
    for (int run = 0; run <= reconnects; ++run) {
        const LivePublisher publisher(studio.rtmp_port(), key, clip);
        const auto end = begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(length * (run + 1) / (reconnects + 1));
        for (int look = 0; std::chrono::steady_clock::now() < end; ++look) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            watcher.look();
            if (publisher.is_refused()) throw std::runtime_error("a publisher was refused");
            auto* const mib = run >= settled_run && run < settled_run + runs_compared ? &early_mib : run > reconnects - runs_compared ? &late_mib : nullptr;
            if (mib && look % 10 == 0) mib->values.push_back((pss_bytes(studio.media().pid()) - watcher.held_bytes()) / (1 << 20));
        }
    }
    const double grown_mib = late_mib.median() - early_mib.median();
    const auto half = static_cast<std::ptrdiff_t>(watcher.edge_age_ms.values.size() / 2);
    const Readings early{{watcher.edge_age_ms.values.begin(), watcher.edge_age_ms.values.begin() + half}};
    const Readings late{{watcher.edge_age_ms.values.begin() + half, watcher.edge_age_ms.values.end()}};
    std::printf("\n%.0f minutes of one stream, %d reconnects (the publisher vanishes and comes back with timestamps from 0); %d segments looked at\n\n"
                "| figure | value | goal | |\n|---|---|---|---|\n"
                "| memory besides the segments' bytes, with publishers 3 to 7 %s MiB, with the last 5 %s MiB: more by | %.2f MiB | %.0f MiB | %s |\n"
                "| sound against picture, beside the source, worst | %.1f ms | %.0f ms | %s |\n"
                "| MEDIA-SEQUENCE went back | %d times | 0 | %s |\n| discontinuities | %llu | %d | %s |\n"
                "| age of a segment's end when it is seen, first half and second | %.0f ms, %.0f ms | | |\n",
                options.minutes, reconnects, watcher.segments_seen, early_mib.text(1).c_str(), late_mib.text(1).c_str(), grown_mib, memory_goal_mib,
                grown_mib <= memory_goal_mib ? "met" : "NOT MET", watcher.drift_max_ms, drift_goal_ms,
                watcher.drift_max_ms < drift_goal_ms ? "met" : "NOT MET", watcher.went_back, watcher.went_back == 0 ? "met" : "NOT MET",
                static_cast<unsigned long long>(watcher.discontinuities), reconnects, watcher.discontinuities == reconnects ? "met" : "NOT MET",
                early.median(), late.median());
}

}  // namespace livefair::bench
