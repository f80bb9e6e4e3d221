#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "base/clock.hpp"
#include "hls/playlist.hpp"
#include "hls/request.hpp"
#include "hls/segmenter.hpp"
#include "media/samples.hpp"
#include "stream/stream.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::hls;
using namespace livefair::test;

namespace {

constexpr std::uint64_t first_sequence = 1000;

/// One stream with a segmenter; keeps every snapshot.
struct Show {
    explicit Show(std::int64_t segment_ms = 1000) : options{200, segment_ms, 4, first_sequence, 5}, timing(timing_of(200, segment_ms)) {
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
    const std::string& playlist() const { return *last().media_playlist; }

    FakeClock clock;
    SegmenterOptions options;
    Timing timing;
    std::vector<std::shared_ptr<const Snapshot>> snapshots;
    Segmenter segmenter{options, [this](auto snapshot) { snapshots.push_back(std::move(snapshot)); }};
    stream::Stream stream{clock, timing.part_target_us};
    std::uint32_t now_ms = 0;
};

std::vector<std::string> lines_with(const std::string& text, const std::string& start) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        if (line.starts_with(start)) found.push_back(line);
        at = end + 1;
    }
    return found;
}

std::uint64_t number_of(const std::string& playlist, const std::string& tag) {
    const auto found = lines_with(playlist, tag + ":");
    REQUIRE(found.size() == 1);
    return std::stoull(found[0].substr(tag.size() + 1));
}

/// Every URI that a playlist names, hints aside.
std::set<std::string> names_in(const std::string& playlist) {
    std::set<std::string> names;
    for (const auto& line : lines_with(playlist, "")) {
        const auto at = line.find("URI=\"");
        if (line.starts_with("#EXT-X-PRELOAD-HINT")) continue;
        if (at != std::string::npos) names.insert(line.substr(at + 5, line.find('"', at + 5) - at - 5));
        if (!line.empty() && line[0] != '#') names.insert(line);
    }
    return names;
}

std::uint32_t box_number(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
}

/// The decode times of a part's track fragments (64-bit tfdt boxes).
std::vector<std::uint64_t> decode_times(std::string_view part) {
    std::vector<std::uint64_t> times;
    for (auto at = part.find("tfdt"); at != std::string_view::npos; at = part.find("tfdt", at + 4))
        times.push_back(std::uint64_t{box_number(part, at + 8)} << 32 | box_number(part, at + 12));
    return times;
}

}  // namespace

TEST_CASE("a part is one moof and mdat that begins at its first packet's time", "[hls]") {
    Show show;
    show.connect(avc_record(), true);
    for (std::uint32_t at = 0; at < 1200; at += 40) {
        REQUIRE(show.stream.on_video(at, video_tag(at % 1000 == 0)));
        for (std::uint32_t offset : {0u, 20u}) REQUIRE(show.stream.on_audio(at + offset, audio_tag()));
    }
    const auto& segment = *show.last().segments.at(0);
    CHECK(segment.init->bytes->substr(4, 4) == "ftyp");
    CHECK(segment.init->bytes->find("moov") != std::string::npos);
    REQUIRE(segment.parts.size() == 5);
    for (std::size_t i = 0; i < segment.parts.size(); ++i) {
        const auto& bytes = *segment.parts[i].bytes;
        CHECK(bytes.substr(4, 4) == "moof");
        CHECK(box_number(bytes, 0) + box_number(bytes, box_number(bytes, 0)) == bytes.size());
        const auto times = decode_times(bytes);
        REQUIRE(times.size() == 2);
        CHECK(times[0] == i * 200 * 90);
        CHECK(times[1] % 1024 == 0);
    }
}

TEST_CASE("parts keep to the target, and all but a segment's last are at least 85 % of it", "[hls]") {
    Show show;
    show.video(500, 25);
    for (const auto& segment : show.last().segments)
        for (const auto& part : segment->parts) {
            CHECK(part.duration_us <= show.timing.part_target_us);
            if (&part != &segment->parts.back()) CHECK(part.duration_us * 100 >= show.timing.part_target_us * 85);
        }
    CHECK(lines_with(show.playlist(), "#EXT-X-PART-INF") == std::vector<std::string>{"#EXT-X-PART-INF:PART-TARGET=0.21000"});
    CHECK(lines_with(show.playlist(), "#EXT-X-SERVER-CONTROL") ==
          std::vector<std::string>{"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.63000"});
}

TEST_CASE("parts keep to the rule of 85 % at every rate of pictures, regular or not", "[hls]") {
    const std::vector<std::vector<std::uint32_t>> steps_ms = {{42, 42, 41}, {100}, {83}, {67}, {33, 33, 34}, {33, 33, 100}, {20, 150}, {120}, {17, 16}};
    for (const auto& steps : steps_ms) {
        Show show(2000);
        std::uint32_t at = 0;
        for (std::size_t i = 0; at < 9000; at += steps[i++ % steps.size()]) REQUIRE(show.stream.on_video(at, video_tag(at % 2000 < steps[i % steps.size()])));
        REQUIRE(show.last().segments.size() >= 2);
        for (const auto& segment : show.last().segments) {
            std::int64_t sum_us = 0;
            for (const auto& part : segment->parts) {
                sum_us += part.duration_us;
                CHECK(part.duration_us <= show.timing.part_target_us);
                if (&part != &segment->parts.back()) CHECK(part.duration_us * 100 >= show.timing.part_target_us * 85);
            }
            CHECK(std::abs(sum_us - segment->duration_us) < 50'000);
        }
    }
}

TEST_CASE("segments end at key frames, and without one at twice their length", "[hls]") {
    Show regular, irregular;
    regular.video(101, 25);
    REQUIRE(regular.last().segments.size() == 4);
    for (const auto& segment : regular.last().segments) {
        CHECK(segment->duration_us == 1'000'000);
        CHECK(segment->parts.front().independent);
        CHECK_FALSE(segment->parts.back().independent);
    }
    irregular.video(260, 208);  // OBS' own default: a key frame each 8.33 s
    for (const auto& segment : irregular.last().segments) CHECK(segment->duration_us <= 2'000'000);
    CHECK(irregular.last().segments.size() >= 5);
    CHECK(number_of(regular.playlist(), "#EXT-X-TARGETDURATION") == 2);
    CHECK(number_of(irregular.playlist(), "#EXT-X-TARGETDURATION") == 2);
}

TEST_CASE("every name a playlist gives can be read, and stays readable for three segments more", "[hls]") {
    Show show;
    show.video(500, 25);
    for (std::size_t i = 0; i < show.snapshots.size(); ++i) {
        const auto& snapshot = *show.snapshots[i];
        if (!snapshot.media_playlist) continue;
        const auto& later = *show.snapshots[std::min(i + 14, show.snapshots.size() - 1)];
        for (const auto& name : names_in(*snapshot.media_playlist)) {
            const auto resource = parse_resource(name);
            REQUIRE(resource);
            CHECK(find_resource(snapshot, *resource).verdict == Verdict::ready);
            CHECK(find_resource(later, *resource).verdict == Verdict::ready);
        }
    }
}

TEST_CASE("the hinted part is always the next to come, across segments too", "[hls]") {
    Show show;
    show.video(200, 25);
    std::string hinted;
    for (const auto& snapshot : show.snapshots) {
        if (!snapshot->media_playlist) continue;
        const auto newest = part_name(snapshot->session, snapshot->next_part - 1);
        if (!hinted.empty() && hinted != part_name(snapshot->session, snapshot->next_part)) CHECK(newest == hinted);
        const auto hint = lines_with(*snapshot->media_playlist, "#EXT-X-PRELOAD-HINT");
        REQUIRE(hint.size() == 1);
        hinted = part_name(snapshot->session, snapshot->next_part);
        CHECK(hint[0] == "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + hinted + "\"");
        CHECK(find_resource(*snapshot, *parse_resource(hinted)).verdict == Verdict::wait);
    }
}

TEST_CASE("a segment's bytes are those of its parts", "[hls]") {
    Show show;
    show.video(60, 25);
    const auto found = find_resource(show.last(), {Resource::Kind::segment, 0, first_sequence});
    REQUIRE(found.verdict == Verdict::ready);
    std::size_t size = 0;
    for (const auto& bytes : found.bytes) size += bytes->size();
    CHECK(size == show.last().segments.front()->size);
}

TEST_CASE("a reconnect gives one discontinuity with the same map, and no number goes back", "[hls]") {
    Show show;
    show.video(60, 25);
    show.stream.end_run();
    show.connect();
    show.now_ms = 0;
    show.video(60, 25);
    const auto& playlist = show.playlist();
    CHECK(lines_with(playlist, "#EXT-X-DISCONTINUITY") ==
          std::vector<std::string>{"#EXT-X-DISCONTINUITY-SEQUENCE:5", "#EXT-X-DISCONTINUITY"});
    CHECK(lines_with(playlist, "#EXT-X-MAP").size() == 1);
    std::uint64_t sequence = 0, discontinuities = 0;
    show.video(500, 25);
    for (const auto& snapshot : show.snapshots) {
        if (!snapshot->media_playlist) continue;
        CHECK(number_of(*snapshot->media_playlist, "#EXT-X-MEDIA-SEQUENCE") >= sequence);
        sequence = number_of(*snapshot->media_playlist, "#EXT-X-MEDIA-SEQUENCE");
        CHECK(number_of(*snapshot->media_playlist, "#EXT-X-DISCONTINUITY-SEQUENCE") >= discontinuities);
        discontinuities = number_of(*snapshot->media_playlist, "#EXT-X-DISCONTINUITY-SEQUENCE");
    }
    CHECK(discontinuities == 6);
    CHECK(lines_with(show.playlist(), "#EXT-X-DISCONTINUITY").size() == 1);
}

TEST_CASE("a codec change gives a discontinuity and a new map", "[hls]") {
    Show show;
    show.video(60, 25);
    REQUIRE(show.stream.on_video(show.now_ms, video_config_tag(other_avc_record())));
    show.video(60, 25);
    CHECK(lines_with(show.playlist(), "#EXT-X-DISCONTINUITY").size() == 2);
    const auto maps = lines_with(show.playlist(), "#EXT-X-MAP");
    REQUIRE(maps.size() == 2);
    CHECK(maps[0] != maps[1]);
}

TEST_CASE("PROGRAM-DATE-TIME stands before each segment and goes with the relay's clock", "[hls]") {
    Show show;
    const auto start = show.clock.unix_ms();
    show.video(85, 25);
    const auto dates = lines_with(show.playlist(), "#EXT-X-PROGRAM-DATE-TIME");
    CHECK(dates.size() == 4);
    CHECK(dates[0] == "#EXT-X-PROGRAM-DATE-TIME:2025-06-15T15:06:40.000Z");
    for (std::size_t i = 0; i < show.last().segments.size(); ++i)
        CHECK(show.last().segments[i]->program_time_ms - start == static_cast<std::int64_t>(1000 * i));
}

TEST_CASE("the end of the show ends the playlist, and a new show goes on with new numbers", "[hls]") {
    Show show;
    show.video(60, 25);
    show.stream.end_run();
    show.segmenter.end();
    CHECK(lines_with(show.playlist(), "#EXT-X-ENDLIST").size() == 1);
    CHECK(lines_with(show.playlist(), "#EXT-X-PRELOAD-HINT").empty());
    CHECK(lines_with(show.playlist(), "#EXTINF").size() == 3);
    CHECK(lines_with(show.playlist(), "#EXTINF").back() == "#EXTINF:0.40000,");
    const auto hint = Resource{Resource::Kind::part, show.last().session, show.last().next_part};
    CHECK(find_resource(show.last(), hint).verdict == Verdict::missing);
    CHECK(judge_playlist(show.last(), {5000, 0}, show.timing) == Verdict::ready);
    show.connect();
    show.video(60, 25);
    CHECK(lines_with(show.playlist(), "#EXT-X-ENDLIST").empty());
    CHECK(number_of(show.playlist(), "#EXT-X-MEDIA-SEQUENCE") == first_sequence + 3);
}

TEST_CASE("the multivariant playlist names codecs, size, rate and measured bandwidth", "[hls]") {
    Show show;
    show.connect(avc_record(), true);
    for (std::uint32_t at = 0; at < 3000; at += 40) {
        REQUIRE(show.stream.on_video(at, video_tag(at % 1000 == 0, 5000)));
        for (std::uint32_t offset : {0u, 20u}) REQUIRE(show.stream.on_audio(at + offset, audio_tag()));
    }
    const auto& text = *show.last().multivariant_playlist;
    CHECK(text.find("CODECS=\"avc1.42c00c,mp4a.40.2\",RESOLUTION=320x180,FRAME-RATE=25.000\nlive.m3u8\n") != std::string::npos);
    const auto bandwidth = std::stoll(text.substr(text.find("BANDWIDTH=") + 10));
    CHECK(bandwidth > 25 * 5000 * 8);
    CHECK(bandwidth < 25 * 5000 * 8 * 1.1);
}

TEST_CASE("a stream of one frame a second keeps its promises about lengths", "[hls]") {
    Show show;
    for (std::uint32_t second = 0; second < 10; ++second) REQUIRE(show.stream.on_video(second * 1000, video_tag(true)));
    for (const auto& segment : show.last().segments)
        for (const auto& part : segment->parts) CHECK(part.duration_us <= show.timing.part_target_us);
}

TEST_CASE("delivery directives must be decimal numbers, a part needs its segment, others are ignored", "[hls]") {
    using Query = std::map<std::string, std::string>;
    for (const auto* bad : {"", "-1", "+1", "1.0", "0x1", "18446744073709551616", "99999999999999999999", "1 ", "１"})
        CHECK_FALSE(parse_playlist_request(Query{{"_HLS_msn", bad}}));
    CHECK_FALSE(parse_playlist_request(Query{{"_HLS_part", "1"}}));
    CHECK_FALSE(parse_playlist_request(Query{{"_HLS_msn", "1"}, {"_HLS_part", "x"}}));
    CHECK(parse_playlist_request(Query{{"_HLS_skip", "YES"}, {"a", "b"}}));
    const auto request = parse_playlist_request(Query{{"_HLS_msn", "12"}, {"_HLS_part", "3"}});
    REQUIRE(request);
    CHECK(request->sequence == 12u);
    CHECK(request->part == 3u);
}

TEST_CASE("only names that Livefair makes are looked up", "[hls]") {
    CHECK(parse_resource("index.m3u8")->kind == Resource::Kind::index);
    CHECK(parse_resource("part_7_12.m4s")->number == 12);
    for (const auto* bad : {"", "live.m3u8/", "seg_.m4s", "seg_1.mp4", "part_1.m4s", "part_1_.m4s", "part__1.m4s", "part_1_2_3.m4s", "seg_-1.m4s",
                            "..", "init_1.m4s", "seg_99999999999999999999.m4s"})
        CHECK_FALSE(parse_resource(bad));
}

TEST_CASE("blocking reload follows RFC 8216bis", "[hls]") {
    Show show;
    show.video(65, 25);  // two whole segments of five parts, and parts 0 and 1 of the third
    const auto& now = show.last();
    REQUIRE(now.open);
    REQUIRE(now.open->parts.size() == 2);
    const auto open = now.next_sequence;
    const auto judge = [&](std::uint64_t sequence, std::optional<std::uint64_t> part) {
        return judge_playlist(now, {sequence, part}, show.timing);
    };
    CHECK(judge_playlist(now, {}, show.timing) == Verdict::ready);
    CHECK(judge(open - 1, 4) == Verdict::ready);
    CHECK(judge(0, std::nullopt) == Verdict::ready);
    CHECK(judge(open, 1) == Verdict::ready);
    CHECK(judge(open, 2) == Verdict::wait);
    // Without a part: the segment's first part is enough.
    CHECK(judge(open, std::nullopt) == Verdict::ready);
    CHECK(judge(open + 1, std::nullopt) == Verdict::wait);
    // Beyond the end of a whole segment: part 0 of the next.
    CHECK(judge(open - 1, 5) == Verdict::ready);
    CHECK(judge(open - 1, 99) == Verdict::ready);
    // Too far.
    CHECK(judge(open + 1, 0) == Verdict::wait);
    CHECK(judge(open + 2, std::nullopt) == Verdict::bad);
    CHECK(judge(open, 2 + 15) == Verdict::wait);
    CHECK(judge(open, 2 + 16) == Verdict::bad);
    CHECK(judge_playlist(*show.snapshots.front(), {}, show.timing) == Verdict::wait);
}
