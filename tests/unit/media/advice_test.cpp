#include <algorithm>

#include "base/clock.hpp"
#include "stream/advice.hpp"
#include "stream/meter.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::stream;
using namespace std::chrono_literals;

namespace {

/// A publisher of both tracks on a fake clock, and what is advised to it.
struct Publisher {
    FakeClock clock;
    Meter meter;
    Adviser adviser;
    Tracks tracks;
    Vitals vitals;
    int fps = 25, key_frame_every = 50;
    std::size_t frame_bytes = 10'000;
    std::int64_t audio_ahead_ms = 0;
    std::uint32_t now_ms = 1000;
    int frames = 0;

    Publisher() {
        tracks.video.emplace();
        tracks.video->width = 1280;
        tracks.video->height = 720;
        tracks.audio.emplace();
        meter.begin_run(clock.steady());
    }
    /// Sends for `seconds`; the packets of each `burst_ms` come at its end.
    void send(int seconds, std::int64_t burst_ms = 0) {
        for (int frame = 0; frame < seconds * fps; ++frame) {
            clock.advance(std::chrono::milliseconds(1000 / fps));
            now_ms += static_cast<std::uint32_t>(1000 / fps);
            const auto late_ms = burst_ms == 0 ? 0 : (burst_ms - now_ms % burst_ms) % burst_ms;
            const auto arrival = clock.steady() + std::chrono::milliseconds(late_ms);
            meter.add_packet(Track::audio, now_ms + static_cast<std::uint32_t>(audio_ahead_ms), 400, arrival);
            meter.add_packet(Track::video, now_ms, frame_bytes, arrival);
            meter.add_video_frame(frames % key_frame_every == 0, std::int64_t{frames} * 1'000'000 / fps);
            ++frames;
            if (frames % (2 * fps) == 0) judge();
        }
    }
    const std::vector<Advice>& judge() {
        vitals.reading = meter.read(clock.steady());
        return advice = adviser.judge(tracks, vitals);
    }
    std::vector<Advice> advice;
};

using List = std::vector<Advice>;

}  // namespace

TEST_CASE("a healthy stream gets no advice, and its figures are right", "[advice]") {
    Publisher publisher;
    publisher.send(20);
    CHECK(publisher.advice.empty());
    const auto& reading = publisher.vitals.reading;
    CHECK(reading.fps == Approx(25));
    CHECK(reading.bitrate_bps == 25 * 10'400 * 8);
    CHECK(reading.key_frame_interval_ms == 2000);
    CHECK(reading.av_skew_ms == 0);
    CHECK(reading.late_ms == 0);
}

TEST_CASE("a fault is named after two windows and forgotten after three without it", "[advice]") {
    Publisher publisher;
    publisher.audio_ahead_ms = 300;
    publisher.send(2);
    CHECK(publisher.advice.empty());
    publisher.send(2);
    CHECK(publisher.advice == List{Advice::av_skew});
    CHECK(publisher.vitals.reading.av_skew_ms == 300);
    publisher.audio_ahead_ms = 0;
    publisher.send(4);
    CHECK(publisher.advice == List{Advice::av_skew});
    publisher.send(2);
    CHECK(publisher.advice.empty());
}

TEST_CASE("key frames more than 4 s apart are named, also before the second one has come", "[advice]") {
    Publisher publisher;
    publisher.key_frame_every = 8 * 25;
    publisher.send(8);
    CHECK(publisher.advice == List{Advice::key_frames_far});
    publisher.send(8);
    CHECK(publisher.vitals.reading.key_frame_interval_ms == 8000);
    CHECK(publisher.advice == List{Advice::key_frames_far});
}

TEST_CASE("packets in bursts against their timestamps are a weak uplink, a steady delay is none", "[advice]") {
    Publisher publisher;
    SECTION("bursts of 1 s") {
        publisher.send(10, 1000);
        CHECK(publisher.advice == List{Advice::uplink_weak});
        CHECK(publisher.vitals.reading.late_ms >= 900);
    }
    SECTION("bursts of 200 ms") {
        publisher.send(10, 200);
        CHECK(publisher.advice.empty());
    }
    SECTION("silence") {
        publisher.send(4);
        for (int i = 0; i < 2; ++i) {
            publisher.clock.advance(2000ms);
            publisher.judge();
        }
        CHECK(publisher.advice.front() == Advice::uplink_weak);
        CHECK(publisher.vitals.reading.packet_age_ms == 4000);
    }
    SECTION("the publisher's clock is set by an hour") {
        publisher.send(4);
        publisher.now_ms += 3'600'000;
        publisher.send(6);
        CHECK(publisher.advice.empty());
    }
}

TEST_CASE("pictures too few, bits too few or too many, and a missing track are named", "[advice]") {
    Publisher publisher;
    List expected;
    SECTION("10 fps") {
        publisher.fps = 10;
        publisher.key_frame_every = 20;
        expected = {Advice::fps_low};
    }
    SECTION("half of what the encoder announced") {
        publisher.tracks.fps = 50;
        expected = {Advice::fps_low};
    }
    SECTION("200 kbit/s") {
        publisher.frame_bytes = 600;
        expected = {Advice::bitrate_low};
    }
    SECTION("10 Mbit/s") {
        publisher.frame_bytes = 50'000;
        expected = {Advice::bitrate_high};
    }
    SECTION("no sound") {
        publisher.tracks.audio.reset();
        expected = {Advice::no_audio};
    }
    SECTION("no picture") {
        publisher.tracks.video.reset();
        expected = {Advice::no_video};
    }
    publisher.send(6);
    CHECK(publisher.advice == expected);
}

TEST_CASE("repairs and drops are named while they go on, and the worst stands first", "[advice]") {
    Publisher publisher;
    publisher.key_frame_every = 150;
    for (int i = 0; i < 6; ++i) {
        publisher.vitals.repaired_timestamps += 5;
        publisher.vitals.dropped_frames += 1;
        publisher.send(2);
    }
    CHECK(publisher.advice == List{Advice::timestamps, Advice::drops, Advice::key_frames_far});
    publisher.send(6);
    CHECK(publisher.advice == List{Advice::key_frames_far});
}

TEST_CASE("another publisher starts with a clean sheet", "[advice]") {
    Publisher publisher;
    publisher.audio_ahead_ms = 300;
    publisher.send(8);
    REQUIRE_FALSE(publisher.advice.empty());
    publisher.audio_ahead_ms = 0;
    publisher.meter.begin_run(publisher.clock.steady());
    publisher.frames = 0;
    publisher.judge();
    publisher.send(4);
    CHECK(publisher.advice.empty());
}
