#include <vector>

#include "base/clock.hpp"
#include "media/samples.hpp"
#include "stream/stream.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::stream;
using namespace livefair::test;

namespace {

struct Recorder final : Reader {
    void on_run(const Tracks& tracks) override { runs.push_back(tracks); }
    void on_packet(const Packet& packet) override { packets.push_back(packet); }
    void on_run_end() override { ++ends; }
    std::vector<Tracks> runs;
    std::vector<Packet> packets;
    int ends = 0;
};

struct Fixture {
    Fixture() {
        stream.add_reader(recorder);
        stream.begin_run();
    }
    /// 25 fps from `first_ms`, a key frame each `gop` frames.
    void video(std::uint32_t first_ms, int frames, int gop = 50) {
        for (int i = 0; i < frames; ++i) REQUIRE(stream.on_video(first_ms + 40u * static_cast<unsigned>(i), video_tag(i % gop == 0)));
    }
    FakeClock clock;
    Stream stream{clock, 202'000};
    Recorder recorder;
};

}  // namespace

TEST_CASE("a run begins with a key frame once both sequence headers are known", "[stream]") {
    Fixture f;
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    f.video(0, 2);
    CHECK(f.recorder.runs.empty());
    REQUIRE(f.stream.on_audio(0, audio_config_tag(aac_record())));
    REQUIRE(f.stream.on_video(80, video_tag(false)));
    REQUIRE(f.stream.on_audio(85, audio_tag()));
    CHECK(f.recorder.runs.empty());
    REQUIRE(f.stream.on_video(120, video_tag(true, 100, 80)));
    REQUIRE(f.stream.on_audio(121, audio_tag()));
    f.stream.end_run();
    REQUIRE(f.recorder.runs.size() == 1);
    CHECK(f.recorder.runs[0].video->width == 320);
    CHECK(f.recorder.runs[0].audio->sample_rate == 44'100);
    CHECK(f.recorder.runs[0].fps == Approx(25));
    REQUIRE(f.recorder.packets.size() == 2);
    CHECK(f.recorder.packets[0].key);
    CHECK(f.recorder.packets[0].pts == 80 * 90);
    CHECK(f.recorder.packets[0].data().size() == 104);
    CHECK(f.recorder.ends == 1);
    CHECK(f.stream.dropped_frames() == 4);
}

TEST_CASE("video alone starts at once when onMetaData says so, else after a second", "[stream]") {
    Fixture told, silent;
    told.stream.on_data(metadata(true, false));
    REQUIRE(told.stream.on_video(0, video_config_tag(avc_record())));
    told.video(0, 1);
    CHECK(told.recorder.packets.size() == 1);

    REQUIRE(silent.stream.on_video(0, video_config_tag(avc_record())));
    silent.video(0, 1);
    CHECK(silent.recorder.packets.empty());
    silent.clock.advance(std::chrono::seconds(1));
    silent.video(1000, 1);
    CHECK(silent.recorder.packets.size() == 1);
}

TEST_CASE("audio alone is a stream", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(false, true));
    REQUIRE(f.stream.on_audio(0, audio_config_tag(aac_record())));
    for (std::uint32_t i = 0; i < 100; ++i) REQUIRE(f.stream.on_audio(i * 1024 * 1000 / 44'100, audio_tag()));
    REQUIRE(f.recorder.packets.size() == 100);
    CHECK(f.recorder.packets.back().dts == 99 * 1024);
}

TEST_CASE("a repeated sequence header changes nothing, and another one begins a run at the next key frame", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    f.video(0, 10);
    for (int i = 0; i < 100; ++i) REQUIRE(f.stream.on_video(400, video_config_tag(avc_record())));
    f.video(400, 10);
    CHECK(f.recorder.runs.size() == 1);
    REQUIRE(f.stream.on_video(800, video_config_tag(other_avc_record())));
    REQUIRE(f.stream.on_video(800, video_tag(false)));
    CHECK(f.recorder.runs.size() == 1);
    f.video(840, 1);
    REQUIRE(f.recorder.runs.size() == 2);
    CHECK(f.recorder.runs[1].video->record == other_avc_record());
    CHECK(f.recorder.packets.back().key);
}

TEST_CASE("audio that joins late begins a run at the next key frame, and until then video goes on", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    f.video(0, 10);
    REQUIRE(f.stream.on_audio(400, audio_config_tag(aac_record())));
    REQUIRE(f.stream.on_audio(400, audio_tag()));
    REQUIRE(f.stream.on_video(400, video_tag(false)));
    CHECK(f.recorder.packets.size() == 11);
    REQUIRE(f.stream.on_video(440, video_tag(true)));
    REQUIRE(f.recorder.runs.size() == 2);
    CHECK(f.recorder.runs[1].audio);
}

TEST_CASE("a reconnect begins a run on the same timeline", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    f.video(5000, 10);
    f.stream.begin_run();
    CHECK(f.recorder.ends == 1);
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    f.clock.advance(std::chrono::seconds(3));
    f.video(0, 1);
    REQUIRE(f.recorder.runs.size() == 2);
    CHECK(f.recorder.packets.back().dts_us == 400'000);
    CHECK(f.recorder.packets.back().wall_ms == f.clock.unix_ms());
}

TEST_CASE("unknown codecs, broken headers and endless changes end the publisher", "[stream]") {
    Fixture f;
    CHECK(f.stream.on_video(0, "\x1D").error() == Errc::unsupported);
    CHECK(f.stream.on_audio(0, "\x2F\x01").error() == Errc::unsupported);
    CHECK(f.stream.on_video(0, video_config_tag("\x01\x02")).error() == Errc::invalid_input);
    CHECK(f.stream.on_audio(0, audio_config_tag("")).error() == Errc::invalid_input);
    Result<> last;
    for (int i = 0; i < 100 && last; ++i) last = f.stream.on_video(0, video_config_tag(i % 2 ? avc_record() : other_avc_record()));
    CHECK(last.error() == Errc::invalid_input);
}

TEST_CASE("single broken frames are dropped, a stream of them ends the publisher", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    f.video(0, 1);
    const std::string annex_b("\x27\x01\0\0\0\0\0\0\1\x65\x88", 11);
    CHECK(f.stream.on_video(40, annex_b));
    f.video(80, 1);
    CHECK(f.recorder.packets.size() == 2);
    Result<> last;
    for (int i = 0; i < 1000 && last; ++i) last = f.stream.on_video(120, annex_b);
    CHECK(last.error() == Errc::invalid_input);
}

TEST_CASE("an encoder that stamps pictures to be shown before they are decoded keeps their times: all is decoded earlier", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    // I P B B P in decoding order; the B-frames' composition times lack two pictures of delay.
    const std::vector<std::int32_t> composition_ms = {0, 80, -40, -40, 80, -40, -40, 80};
    const std::vector<std::int64_t> shown_ms = {0, 120, 40, 80, 240, 160, 200, 360};
    for (std::uint32_t i = 0; i < composition_ms.size(); ++i) {
        REQUIRE(f.stream.on_video(40 * i, video_tag(i == 0, 10, static_cast<std::uint32_t>(composition_ms[i]))));
        const auto& packet = f.recorder.packets.back();
        CHECK(packet.pts >= packet.dts);
        CHECK(std::abs(packet.pts / 90 - shown_ms[i]) <= 1);
    }
}

TEST_CASE("a senseless composition time is not followed", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    for (const std::uint32_t composition : {static_cast<std::uint32_t>(-8'388'608), 8'388'607u}) {
        REQUIRE(f.stream.on_video(0, video_tag(true, 10, composition)));
        CHECK(f.recorder.packets.back().pts == f.recorder.packets.back().dts);
    }
}

TEST_CASE("the meter tells bit rate, frame rate and key-frame interval", "[stream]") {
    Fixture f;
    f.stream.on_data(metadata(true, false));
    REQUIRE(f.stream.on_video(0, video_config_tag(avc_record())));
    f.video(0, 50, 25);
    f.clock.advance(std::chrono::seconds(2));
    const auto reading = f.stream.meter();
    CHECK(reading.fps == Approx(25));
    CHECK(reading.key_frame_interval_ms == 1000);
    CHECK(reading.bitrate_bps == Approx(50 * 109 * 8 / 2).epsilon(0.02));
}
