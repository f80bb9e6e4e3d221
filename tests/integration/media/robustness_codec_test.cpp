#include <livefair/v1/media.pb.h>

#include <algorithm>
#include <cmath>

#include "integration/media/broadcast.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

FlvTag tag_of(const FlvClip& clip, bool video, bool config) {
    const auto found = std::find_if(clip.tags.begin(), clip.tags.end(), [&](const FlvTag& tag) {
        return (video ? tag.is_video() : tag.is_audio()) && tag.is_config() == config;
    });
    REQUIRE(found != clip.tags.end());
    return *found;
}

/// `clip` with a copy of `header` before each key frame.
FlvClip with_header_at_key_frames(const FlvClip& clip, FlvTag header) {
    FlvClip result;
    result.duration_ms = clip.duration_ms;
    for (const auto& tag : clip.tags) {
        header.at_ms = tag.at_ms;
        header.timestamp_ms = tag.timestamp_ms;
        if (tag.is_key_frame()) result.tags.push_back(header);
        result.tags.push_back(tag);
    }
    return result;
}

FlvClip without_metadata(FlvClip clip) {
    std::erase_if(clip.tags, [](const FlvTag& tag) { return tag.type == 18; });
    return clip;
}

template <class F>
FlvClip without_frames(FlvClip clip, const F& drop) {
    std::erase_if(clip.tags, [&](const FlvTag& tag) { return tag.is_frame() && drop(tag); });
    return clip;
}

/// Sends `clip`, checks the playlist's rules and that every run decodes without a complaint; returns the runs.
std::vector<DecodedRun> decoded(Studio& studio, const std::string& room, const FlvClip& clip, std::size_t discontinuities, double speed = 8) {
    INFO(room);
    Broadcast broadcast(studio, room);
    REQUIRE(broadcast.publish(clip, speed));
    broadcast.end();
    CHECK(broadcast.watch().discontinuities() == discontinuities);
    auto runs = broadcast.decode();
    CHECK(runs.size() == discontinuities + 1);
    for (const auto& run : runs) CHECK(run.errors == "");
    return runs;
}

}  // namespace

// What is sent: 8 s with the same sequence headers again before each key frame, and onMetaData again in the middle.
TEST_CASE("case 06: repeated sequence headers and metadata make no discontinuity", "[media][robustness]") {
    Studio studio;
    const auto plain = FlvClip::make({.seconds = 8});
    auto clip = with_header_at_key_frames(with_header_at_key_frames(plain, tag_of(plain, true, true)), tag_of(plain, false, true));
    auto metadata = plain.tags.front();
    REQUIRE(metadata.type == 18);
    metadata.at_ms = metadata.timestamp_ms = 4000;
    const auto middle = std::find_if(clip.tags.begin(), clip.tags.end(), [](const FlvTag& tag) { return tag.at_ms >= 4000; });
    clip.tags.insert(middle, metadata);
    const auto runs = decoded(studio, "room-a", clip, 0);
    CHECK(runs[0].video_pictures == plain.video_frames());
}

// What is sent: 4 s of 640x360, then 4 s of 320x180 with its own sequence headers, on the same connection.
TEST_CASE("case 07: a change of the picture's size is one discontinuity with a new map", "[media][robustness]") {
    Studio studio;
    const auto big = FlvClip::make({.size = "640x360"}), small = FlvClip::make();
    const auto runs = decoded(studio, "room-a", big.then(small), 1);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].map != runs[1].map);
    CHECK(runs[0].picture_size == "640x360");
    CHECK(runs[1].picture_size == "320x180");
    CHECK(runs[0].video_pictures == big.video_frames());
    CHECK(runs[1].video_pictures == small.video_frames());
    const auto index = studio.get("/hls/room-a/index.m3u8");
    CHECK(net::body_of(index).find("RESOLUTION=320x180") != std::string::npos);
}

// What is sent: 4 s each of AAC at 44.1 kHz in mono, at 48 kHz in mono, and at 48 kHz in stereo; the picture stays the same.
TEST_CASE("case 07: a change of the sound's rate or channels is one discontinuity with a new map each", "[media][robustness]") {
    Studio studio;
    const auto clip = FlvClip::make().then(FlvClip::make({.sample_rate = 48'000})).then(FlvClip::make({.sample_rate = 48'000, .channels = 2}));
    const auto runs = decoded(studio, "room-a", clip, 2);
    REQUIRE(runs.size() == 3);
    for (const auto& run : runs) {
        CHECK(run.video_pictures == 120);
        CHECK(run.audio_frames > 165);
    }
}

// What is sent: 8 s whose sound ends for good after 4 s; then 8 s whose sound is away from second 3 to second 6.
TEST_CASE("case 07: the picture goes on when the sound ends or is away", "[media][robustness]") {
    Studio studio;
    const auto clip = FlvClip::make({.seconds = 8});
    const auto ends = without_frames(clip, [](const FlvTag& tag) { return tag.is_audio() && tag.at_ms >= 4000; });
    const auto runs = decoded(studio, "ends", ends, 0);
    CHECK(runs[0].video_pictures == clip.video_frames());
    const auto away = without_frames(clip, [](const FlvTag& tag) { return tag.is_audio() && tag.at_ms >= 3000 && tag.at_ms < 6000; });
    const auto again = decoded(studio, "away", away, 0);
    CHECK(again[0].video_pictures == clip.video_frames());
    CHECK(std::abs(again[0].audio.back().pts - again[0].video.back().dts) < 0.1);
}

// What is sent: frames for 1 s before any sequence header; then the headers and the rest. Then a stream that begins in the middle of
// a group of pictures.
TEST_CASE("case 08: what comes before sequence headers and the first key frame is left out, the rest plays", "[media][robustness]") {
    Studio studio;
    auto late = FlvClip::make({.seconds = 8});
    for (auto& tag : late.tags)
        if (tag.is_config()) tag.at_ms = tag.timestamp_ms = 990;
    std::stable_sort(late.tags.begin(), late.tags.end(), [](const FlvTag& a, const FlvTag& b) { return a.at_ms < b.at_ms; });
    const auto runs = decoded(studio, "late", late, 0);
    CHECK(runs[0].video_pictures == late.video_frames() - 30);
    const auto middle = without_frames(FlvClip::make({.seconds = 8}), [](const FlvTag& tag) { return tag.is_video() && tag.at_ms < 500; });
    const auto rest = decoded(studio, "middle", middle, 0);
    CHECK(rest[0].video_pictures == 210);
}

// What is sent: avcC records whose lengthSizeMinusOne is 0, 1 and 2 while NAL units have four length bytes; an avcC of
// random bytes; frames as Annex B (start codes) behind a good avcC. For each, 8 s.
TEST_CASE("case 08: a broken avcC and Annex B are refused in words, and nothing undecodable is served", "[media][robustness]") {
    Studio studio;
    const auto clip = FlvClip::make({.seconds = 8});
    const auto check_refused = [&](const std::string& room, const FlvClip& broken) {
        INFO(room);
        RtmpPublisher publisher({.port = studio.rtmp_port()});
        REQUIRE(publisher.publish(studio.make_key(room)) == "NetStream.Publish.Start");
        static_cast<void>(publisher.play(broken, 0));
        CHECK(publisher.wait_status(5s) == "NetStream.Publish.Rejected");
        CHECK(publisher.last_description().find("broken") != std::string::npos);
        CHECK(publisher.closes_within(5s));
        CHECK(studio.playlist(room) == "");
    };
    for (const char length_size : {'\xFC', '\xFD', '\xFE'}) {
        auto broken = clip;
        for (auto& tag : broken.tags)
            if (tag.is_video() && tag.is_config()) tag.body[5 + 4] = length_size;
        check_refused("length" + std::to_string(length_size & 3), broken);
    }
    auto random = clip;
    for (auto& tag : random.tags)
        if (tag.is_video() && tag.is_config()) tag.body.replace(5, 20, "\x01\x99\x17\xE3 twenty bad bytes");
    check_refused("random", random);
    auto annex_b = clip;
    for (auto& tag : annex_b.tags)
        if (tag.is_video() && tag.is_frame()) tag.body.replace(5, 4, std::string("\0\0\0\1", 4));
    check_refused("annex-b", annex_b);
}

// What is sent: 8 s of sound alone and 8 s of picture alone, each with metadata that says so.
TEST_CASE("case 09: sound alone and picture alone play", "[media][robustness]") {
    Studio studio;
    const auto sound = FlvClip::make({.seconds = 8, .video = false}), picture = FlvClip::make({.seconds = 8, .audio = false});
    const auto heard = decoded(studio, "sound", sound, 0);
    CHECK(heard[0].audio_frames + 2 >= sound.audio_frames());
    CHECK(heard[0].video.empty());
    const auto seen = decoded(studio, "picture", picture, 0);
    CHECK(seen[0].video_pictures == picture.video_frames());
    CHECK(seen[0].audio.empty());
    const auto index = studio.get("/hls/picture/index.m3u8");
    CHECK(net::body_of(index).find("mp4a") == std::string::npos);
}

// What is sent, without metadata: 10 s of picture whose sound (with its sequence header) joins after 5 s, in real time.
TEST_CASE("case 09: sound that joins five seconds late is one discontinuity, and the first five seconds have no delay", "[media][robustness]") {
    Studio studio;
    auto clip = without_metadata(FlvClip::make({.seconds = 8}));
    std::erase_if(clip.tags, [](const FlvTag& tag) { return tag.is_audio() && tag.is_frame() && tag.at_ms < 5000; });
    for (auto& tag : clip.tags)
        if (tag.is_audio() && tag.is_config()) tag.at_ms = tag.timestamp_ms = 4999;
    std::stable_sort(clip.tags.begin(), clip.tags.end(), [](const FlvTag& a, const FlvTag& b) { return a.at_ms < b.at_ms; });
    const auto runs = decoded(studio, "room-a", clip, 1, 1);
    REQUIRE(runs.size() == 2);
    // A second at the most is spent waiting for another track, then the next key frame starts.
    CHECK(runs[0].video_pictures >= 90);
    CHECK(runs[0].audio.empty());
    CHECK(runs[1].audio_frames > 80);
    CHECK(runs[0].video_pictures + runs[1].video_pictures + 60 >= clip.video_frames());
}

// What is sent: 20 s whose picture is away from second 5 to second 15 (a phone in the background) while the sound goes on; the picture
// comes back with a key frame.
TEST_CASE("case 09: sound goes on while the picture is away for ten seconds, and they are together afterwards", "[media][robustness]") {
    Studio studio;
    const auto clip = without_frames(FlvClip::make({.seconds = 20}), [](const FlvTag& tag) {
        return tag.is_video() && tag.at_ms >= 5000 && tag.at_ms < 15'000;
    });
    const auto runs = decoded(studio, "room-a", clip, 0, 6);
    CHECK(runs[0].audio_frames + 3 >= clip.audio_frames());
    CHECK(runs[0].largest_audio_gap() < 0.06);
    CHECK(runs[0].video_pictures >= clip.video_frames());
    CHECK(std::abs(runs[0].audio.back().pts - runs[0].video.back().dts) < 0.1);
}

// What is sent: 12 s with a key frame every 0.5 s, and 12 s with scene cuts, whose key frames come at odd times.
TEST_CASE("case 10: frequent and irregular key frames keep TARGETDURATION and the rules of parts", "[media][robustness]") {
    Studio studio;
    const auto often = FlvClip::make({.seconds = 12, .key_frame_every = 15});
    CHECK(decoded(studio, "often", often, 0, 12)[0].video_pictures == often.video_frames());
    const auto cuts = FlvClip::make({.seconds = 12, .key_frame_every = 9000,
                                     .arguments = {"-force_key_frames", "0.7,1.1,3.5,3.6,8.25,8.9"}});
    CHECK(decoded(studio, "cuts", cuts, 0, 12)[0].video_pictures == cuts.video_frames());
}

// What is sent: 12 s each with a key frame every 4, 8 and 10 s, and with a single one at the beginning.
TEST_CASE("case 10: key frames far apart keep TARGETDURATION and the rules of parts", "[media][robustness]") {
    Studio studio;
    for (const int frames : {120, 240, 300, 9000}) {
        const auto clip = FlvClip::make({.seconds = 12, .key_frame_every = frames});
        CHECK(decoded(studio, "gop" + std::to_string(frames), clip, 0, 12)[0].video_pictures == clip.video_frames());
    }
}
