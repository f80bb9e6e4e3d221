#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "hls/playlist.hpp"
#include "hls/segmenter.hpp"
#include "media/samples.hpp"
#include "stream/stream.hpp"
#include "support/catch.hpp"

namespace livefair::test {

using namespace livefair::hls;

constexpr std::uint64_t first_sequence = 1000;

/// One stream with a segmenter; keeps every snapshot.
struct Show {
    explicit Show(std::int64_t segment_ms = 1000, std::size_t window = 6)
        : options{200, segment_ms, window, first_sequence, 5}, timing(timing_of(200, segment_ms, static_cast<std::int64_t>(window))) {
        stream.add_reader(segmenter);
        connect();
    }
    void connect(const std::string& record = avc_record(), bool audio = false) {
        stream.begin_run();
        stream.on_data(metadata(true, audio));
        REQUIRE(stream.on_video(0, video_config_tag(record)));
        if (audio) REQUIRE(stream.on_audio(0, audio_config_tag(aac_record())));
    }
    /// `frames` at 25 fps; a key frame each `gop`; the clock goes with them.
    void video(int frames, int gop) {
        for (int i = 0; i < frames; ++i, now_ms += 40) {
            REQUIRE(stream.on_video(now_ms, video_tag(i % gop == 0)));
            clock.advance(std::chrono::milliseconds(40));
        }
    }
    const Snapshot& last() const { return *snapshots.back(); }
    /// Of a snapshot with a playlist.
    std::string playlist_of(const Snapshot& snapshot) const { return render_media_playlist(snapshot, timing); }
    std::string playlist() const { return playlist_of(last()); }

    FakeClock clock;
    SegmenterOptions options;
    Timing timing;
    std::vector<std::shared_ptr<const Snapshot>> snapshots;
    Segmenter segmenter{options, [this](auto snapshot) { snapshots.push_back(std::move(snapshot)); }};
    stream::Stream stream{clock, timing.part_target_us};
    std::uint32_t now_ms = 0;
};

inline std::vector<std::string> lines_with(const std::string& text, const std::string& start) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        if (line.starts_with(start)) found.push_back(line);
        at = end + 1;
    }
    return found;
}

inline std::uint64_t number_of(const std::string& playlist, const std::string& tag) {
    const auto found = lines_with(playlist, tag + ":");
    REQUIRE(found.size() == 1);
    return std::stoull(found[0].substr(tag.size() + 1));
}

/// The segments that a playlist names, in order.
inline std::vector<std::string> segments_in(const std::string& playlist) { return lines_with(playlist, "seg_"); }

/// Every URI that a playlist names, hints aside.
inline std::set<std::string> names_in(const std::string& playlist) {
    std::set<std::string> names;
    for (const auto& line : lines_with(playlist, "")) {
        const auto at = line.find("URI=\"");
        if (line.starts_with("#EXT-X-PRELOAD-HINT")) continue;
        if (at != std::string::npos) names.insert(line.substr(at + 5, line.find('"', at + 5) - at - 5));
        if (!line.empty() && line[0] != '#') names.insert(line);
    }
    return names;
}

}  // namespace livefair::test
