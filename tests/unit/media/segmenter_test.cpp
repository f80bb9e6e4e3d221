#include "hls/segmenter.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "hls/playlist.hpp"
#include "hls/request.hpp"
#include "media/show.hpp"

using namespace livefair;
using namespace livefair::test;

namespace {

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

TEST_CASE("a full part is shown at once, and sound behind its pictures is no part of its own", "[hls]") {
    Show show;
    show.connect(avc_record(), true);
    std::size_t before = 0;
    for (std::uint32_t at = 0; at < 3000; at += 40) {
        REQUIRE(show.stream.on_video(at, video_tag(at % 1000 == 0)));
        if (at % 200 == 160) CHECK(show.snapshots.size() > before);  // the fifth picture of 40 ms
        before = show.snapshots.size();
        for (std::uint32_t offset : {10u, 30u}) REQUIRE(show.stream.on_audio(at + offset, audio_tag()));
    }
    REQUIRE(show.last().segments.size() >= 2);
    for (const auto& segment : show.last().segments) {
        CHECK(segment->parts.size() == 5);
        for (const auto& part : segment->parts) CHECK(part.duration_us == 200'000);
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

TEST_CASE("every name a playlist gives can be read, and stays readable for three target durations more", "[hls]") {
    Show show;
    show.video(500, 25);
    for (std::size_t i = 0; i < show.snapshots.size(); ++i) {
        const auto& snapshot = *show.snapshots[i];
        if (snapshot.segments.empty()) continue;
        const auto& later = *show.snapshots[std::min(i + 29, show.snapshots.size() - 1)];
        for (const auto& name : names_in(show.playlist_of(snapshot))) {
            const auto resource = parse_resource(name);
            REQUIRE(resource);
            CHECK(find_resource(snapshot, *resource).verdict == Verdict::ready);
            CHECK(find_resource(later, *resource).verdict == Verdict::ready);
        }
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

TEST_CASE("a segment's file is made once, when it is first asked for, and holds its parts", "[hls]") {
    Show show;
    show.video(60, 25);
    const Resource segment{Resource::Kind::segment, 0, first_sequence};
    const auto found = find_resource(show.last(), segment);
    REQUIRE(found.file);
    const auto file = found.file->get(found.bytes);
    REQUIRE(file);
    std::string whole;
    for (const auto& bytes : found.bytes) whole += *bytes;
    CHECK(file->read(0, file->size()).value() == whole);
    show.video(10, 25);
    const auto again = find_resource(show.last(), segment);
    CHECK(again.file->get(again.bytes) == file);
    const auto part = find_resource(show.last(), {Resource::Kind::part, show.last().session, show.last().segments.front()->parts.front().number});
    REQUIRE(part.verdict == Verdict::ready);
    CHECK_FALSE(part.file);
}

TEST_CASE("a reconnect gives one discontinuity with the same map, and no number goes back", "[hls]") {
    Show show;
    show.video(60, 25);
    show.stream.end_run();
    show.connect();
    show.now_ms = 0;
    show.video(60, 25);
    const auto playlist = show.playlist();
    CHECK(lines_with(playlist, "#EXT-X-DISCONTINUITY") ==
          std::vector<std::string>{"#EXT-X-DISCONTINUITY-SEQUENCE:5", "#EXT-X-DISCONTINUITY"});
    CHECK(lines_with(playlist, "#EXT-X-MAP").size() == 1);
    std::uint64_t sequence = 0, discontinuities = 0;
    show.video(500, 25);
    for (const auto& snapshot : show.snapshots) {
        if (snapshot->segments.empty()) continue;
        CHECK(number_of(show.playlist_of(*snapshot), "#EXT-X-MEDIA-SEQUENCE") >= sequence);
        sequence = number_of(show.playlist_of(*snapshot), "#EXT-X-MEDIA-SEQUENCE");
        CHECK(number_of(show.playlist_of(*snapshot), "#EXT-X-DISCONTINUITY-SEQUENCE") >= discontinuities);
        discontinuities = number_of(show.playlist_of(*snapshot), "#EXT-X-DISCONTINUITY-SEQUENCE");
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

TEST_CASE("a stream of one frame a second keeps its promises about lengths", "[hls]") {
    Show show;
    for (std::uint32_t second = 0; second < 10; ++second) REQUIRE(show.stream.on_video(second * 1000, video_tag(true)));
    for (const auto& segment : show.last().segments)
        for (const auto& part : segment->parts) CHECK(part.duration_us <= show.timing.part_target_us);
}
