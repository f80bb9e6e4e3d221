#include <limits>
#include <vector>

#include "stream/interleaver.hpp"
#include "stream/timeline.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::stream;

namespace {

constexpr std::int64_t frame_us = 40'000;
constexpr std::int64_t gap_max_us = 202'000;

/// `count` video timestamps 40 ms apart from `first_ms`, through `timeline`.
std::vector<std::int64_t> feed(Timeline& timeline, std::uint32_t first_ms, int count, Track track = Track::video) {
    std::vector<std::int64_t> out;
    for (int i = 0; i < count; ++i) out.push_back(timeline.map(track, first_ms + 40u * static_cast<std::uint32_t>(i), frame_us).dts_us);
    return out;
}

Packet packet(Track track, std::int64_t dts_us) {
    Packet made;
    made.track = track;
    made.dts_us = dts_us;
    return made;
}

}  // namespace

TEST_CASE("a stream begins at 0 wherever its timestamps begin", "[timeline]") {
    for (const std::uint32_t first : {0u, 7u, 0xFFFFFFu - 100, 0x7FFFFFFFu - 100, 0xFFFFFFFFu - 100}) {
        Timeline timeline(gap_max_us);
        const auto out = feed(timeline, first, 10);
        for (int i = 0; i < 10; ++i) CHECK(out[static_cast<std::size_t>(i)] == i * frame_us);
        CHECK(timeline.repairs() == 0);
    }
}

TEST_CASE("equal and slightly falling timestamps still rise", "[timeline]") {
    Timeline timeline(gap_max_us);
    std::int64_t last = -1;
    for (const std::uint32_t in : {0u, 40u, 40u, 39u, 80u, 60u, 120u}) {
        const auto out = timeline.map(Track::video, in, frame_us).dts_us;
        CHECK(out > last);
        last = out;
    }
    CHECK(last == 120'000);
}

TEST_CASE("a jump of hours, forward or back, goes on at the nominal step", "[timeline]") {
    for (const std::int64_t jump_ms : {3'600'000ll, -10'000ll, -3'600'000ll, 36'000'000ll}) {
        Timeline timeline(gap_max_us);
        const auto before = feed(timeline, 40'000'000, 5).back();
        const auto after = feed(timeline, static_cast<std::uint32_t>(40'000'000 + jump_ms), 5);
        CHECK(after.front() == before + frame_us);
        CHECK(after.back() == before + 5 * frame_us);
    }
}

TEST_CASE("single outliers cost no time: the frame after one is where it would have been", "[timeline]") {
    Timeline timeline(gap_max_us);
    feed(timeline, 1000, 5);
    CHECK(timeline.map(Track::video, 36'000'000, frame_us).dts_us == 5 * frame_us);
    CHECK(timeline.map(Track::video, 1000 + 6 * 40, frame_us).dts_us == 6 * frame_us);
}

TEST_CASE("when the encoder's clock jumps, audio and video stay together", "[timeline]") {
    Timeline timeline(gap_max_us);
    for (std::uint32_t at = 0; at < 400; at += 40) {
        CHECK(timeline.map(Track::video, 5000 + at, frame_us).dts_us == at * 1000);
        CHECK(timeline.map(Track::audio, 5010 + at, frame_us).dts_us == at * 1000 + 10'000);
    }
    const auto video = timeline.map(Track::video, 9'000'000, frame_us).dts_us;
    const auto audio = timeline.map(Track::audio, 9'000'010, frame_us).dts_us;
    CHECK(video == 400'000);
    CHECK(audio - video == 10'000);
}

TEST_CASE("tracks on different bases are laid side by side", "[timeline]") {
    for (const std::uint32_t base : {50'000u, 16'769'000u, 1'814'400'000u, 0xFFFFFFFFu - 50'000}) {
        Timeline timeline(gap_max_us);
        for (std::uint32_t at = 0; at < 400; at += 40) {
            const auto video = timeline.map(Track::video, at, frame_us).dts_us;
            const auto audio = timeline.map(Track::audio, base + at, frame_us).dts_us;
            CHECK(std::abs(video - audio) <= frame_us);
        }
    }
}

TEST_CASE("a gap of the whole stream is closed, and a stall of one track alone is kept", "[timeline]") {
    Timeline whole(gap_max_us);
    const auto before = feed(whole, 0, 5).back();
    CHECK(whole.map(Track::video, 2000, frame_us).dts_us == before + frame_us);

    Timeline one(gap_max_us);
    feed(one, 0, 5);
    feed(one, 0, 50, Track::audio);
    CHECK(one.map(Track::video, 2000, frame_us).dts_us == 2'000'000);
    for (std::uint32_t at = 2000; at < 12'000; at += 40) one.map(Track::audio, at, frame_us);
    CHECK(one.map(Track::video, 12'000, frame_us).dts_us == 12'000'000);
    CHECK(one.repairs() == 0);
}

TEST_CASE("pictures that are always far apart are no gaps", "[timeline]") {
    Timeline timeline(gap_max_us);
    for (std::uint32_t at = 0; at < 20'000; at += 500) timeline.map(Track::video, at, 500'000);
    const auto before = timeline.map(Track::video, 20'000, 500'000).dts_us;
    CHECK(timeline.map(Track::video, 30'000, 500'000).dts_us == before + 500'000);
    CHECK(before > 19'000'000);
}

TEST_CASE("a frame stamped hours away every second, in any track, leaves no trace in the frames between", "[timeline]") {
    for (const bool with_audio : {false, true})
        for (const std::int64_t off_ms : {36'000'000ll, -10'800'000ll, 2'147'483'647ll}) {
            Timeline timeline(gap_max_us);
            for (std::uint32_t i = 0; i < 2000; ++i) {
                const bool stray = i % 30 == 29;
                const auto stamp = 33 * i + (stray ? static_cast<std::uint32_t>(off_ms) : 0);
                const auto video = timeline.map(Track::video, stamp, 33'000).dts_us;
                if (!stray) CHECK(std::abs(video - 33'000ll * i) <= 1000);
                if (with_audio) CHECK(std::abs(timeline.map(Track::audio, 33 * i + 7, 33'000).dts_us - 33'000ll * i - 7000) <= 1000);
            }
        }
}

TEST_CASE("after a reconnect the timeline goes on, whatever the timestamps", "[timeline]") {
    for (const std::uint32_t first : {0u, 900'000u, 0xFFFFFFF0u}) {
        Timeline timeline(gap_max_us);
        const auto before = feed(timeline, 500'000, 5).back();
        timeline.begin_run();
        CHECK(feed(timeline, first, 5).front() == before + frame_us);
    }
}

TEST_CASE("any timestamps at all give a rising timeline", "[timeline]") {
    Timeline timeline(gap_max_us);
    std::int64_t last[2] = {-1, -1};
    std::uint32_t random = 1;
    for (int i = 0; i < 10'000; ++i) {
        random = random * 1'664'525u + 1'013'904'223u;
        const auto track = (random >> 16 & 1) != 0 ? Track::video : Track::audio;
        const auto out = timeline.map(track, random, frame_us).dts_us;
        REQUIRE(out > last[static_cast<int>(track)]);
        REQUIRE(out < std::numeric_limits<std::int64_t>::max() / 90'000);
        last[static_cast<int>(track)] = out;
    }
}

TEST_CASE("audio lies on the sample grid although FLV rounds to milliseconds", "[timeline]") {
    SampleGrid grid(44'100);
    for (std::int64_t frame = 0; frame < 1000; ++frame) {
        const auto rounded_ms = frame * 1024 * 1000 / 44'100;
        CHECK(grid.place(rounded_ms * 1000) == frame * 1024);
    }
}

TEST_CASE("audio more than 50 ms off follows the timeline again, and never goes back", "[timeline]") {
    SampleGrid grid(48'000);
    CHECK(grid.place(0) == 0);
    CHECK(grid.place(60'000) == 1024);
    CHECK(grid.place(200'000) == 9600);
    CHECK(grid.place(100'000) == std::nullopt);
    CHECK(grid.place(221'000) == 9600 + 1024);
}

TEST_CASE("the wall clock map ignores late packets and follows drift slowly", "[timeline]") {
    WallMap map;
    constexpr std::int64_t start = 1'750'000'000'000;
    CHECK(map.to_wall_ms(0, start) == start);
    CHECK(map.to_wall_ms(1'000'000, start + 1000 + 300) == start + 1000);
    // The relay's clock is 20 ms further on: the map gets there in steps of 5 ms.
    CHECK(map.to_wall_ms(2'000'000, start + 2020) == start + 2000);
    CHECK(map.to_wall_ms(4'000'000, start + 4020) == start + 4005);
    CHECK(map.to_wall_ms(6'000'000, start + 6020) == start + 6010);
    CHECK(map.to_wall_ms(6'100'000, start + 16'100) == start + 6110);
    CHECK(map.to_wall_ms(8'000'000, start + 18'000) == start + 8015);
    CHECK(map.to_wall_ms(10'000'000, start + 20'000) == start + 20'000);
}

TEST_CASE("sound comes out in order with the picture, which waits for nobody", "[timeline]") {
    Interleaver interleaver;
    interleaver.push(packet(Track::video, 0));
    CHECK(interleaver.pop()->dts_us == 0);
    interleaver.push(packet(Track::audio, 20));
    CHECK_FALSE(interleaver.pop());
    interleaver.push(packet(Track::audio, 42));
    interleaver.push(packet(Track::video, 40));
    CHECK(interleaver.pop()->dts_us == 20);
    CHECK(interleaver.pop()->dts_us == 40);
    CHECK_FALSE(interleaver.pop());
    interleaver.push(packet(Track::audio, 30));  // late
    CHECK(interleaver.pop(true)->dts_us == 42);
    CHECK(interleaver.pop(true)->dts_us == 30);
}

TEST_CASE("a picture that stalls holds up the sound for half a second at most", "[timeline]") {
    Interleaver interleaver;
    for (std::int64_t at = 0; at <= 1'000'000; at += 20'000) interleaver.push(packet(Track::audio, at));
    std::int64_t last = -1;
    while (const auto out = interleaver.pop()) last = out->dts_us;
    CHECK(last == 480'000);
}

TEST_CASE("what waits for the other track is bounded in bytes", "[timeline]") {
    Interleaver interleaver;
    for (std::int64_t at = 0; at < 10; ++at) {
        interleaver.push(packet(Track::audio, at));
        CHECK_FALSE(interleaver.pop());
    }
    auto large = packet(Track::audio, 10);
    large.bytes = share_bytes(std::string(Interleaver::hold_bytes_max + 1, 'x'));
    interleaver.push(std::move(large));
    CHECK(interleaver.pop()->dts_us == 0);
}
