#include "base/clock.hpp"
#include "flv/tag.hpp"
#include "media/samples.hpp"
#include "stream/stream.hpp"
#include "support/catch.hpp"

using namespace livefair;
using codec::VideoKind;

namespace {

using Video = flv::VideoTag::Kind;
using Audio = flv::AudioTag::Kind;

/// Keeps what a stream tells its readers.
struct Seen : stream::Reader {
    void on_run(const stream::Tracks& tracks) override { codecs.push_back(tracks.video ? tracks.video->codec : "none"); }
    void on_packet(const stream::Packet& packet) override { frames.emplace_back(packet.data()); }
    void on_run_end() override {}
    std::vector<std::string> codecs;
    std::vector<std::string> frames;
};

}  // namespace

TEST_CASE("enhanced video tags name avc1, hvc1 and av01, with composition times where they have any", "[flv]") {
    const auto config = flv::parse_video("\x90hvc1record");
    REQUIRE(config);
    CHECK(config->kind == Video::config);
    CHECK(config->codec == VideoKind::hevc);
    CHECK(config->data == "record");
    const auto late = std::string("\x91" "avc1\0\0\x42nal", 11);
    const auto frame = flv::parse_video(late);
    REQUIRE(frame);
    CHECK(frame->codec == VideoKind::avc);
    CHECK(frame->key);
    CHECK(frame->composition_ms == 66);
    CHECK(frame->data == "nal");
    CHECK(flv::parse_video("\xA1hvc1\xFF\xFF\xFFnal")->composition_ms == -1);
    CHECK(flv::parse_video("\xA3hvc1nal")->data == "nal");
    CHECK(flv::parse_video("\xA1" "av01obu")->data == "obu");
    CHECK_FALSE(flv::parse_video("\xA1" "av01obu")->key);
    CHECK(flv::parse_video(std::string("\xA1" "av01\x12\0obu", 10))->data == "obu");
    CHECK(flv::parse_video("\x92" "av01")->kind == Video::nothing);
    CHECK(flv::parse_video("\xD4hvc1\x02")->kind == Video::nothing);
    CHECK(flv::parse_video(std::string("\xD1\0", 2))->kind == Video::nothing);
}

TEST_CASE("ModEx is skipped, and a single track is taken out of multitrack", "[flv]") {
    const auto nanoseconds = std::string("\x97\x02\x01\x02\x03\x03hvc1nal", 13);
    CHECK(flv::parse_video(nanoseconds)->data == "nal");
    const auto two_byte_size = std::string("\x97\xFF\x01\x00", 4) + std::string(257, 'm') + "\x03hvc1nal";
    CHECK(flv::parse_video(two_byte_size)->data == "nal");
    CHECK(flv::parse_video(std::string("\x96\x03hvc1\0nal", 10))->data == "nal");
    CHECK(flv::parse_video("\x96\x03hvc1\1nal").error() == Errc::unsupported);
    CHECK(flv::parse_video(std::string("\x96\x13hvc1\0\0\0\3nal", 13)).error() == Errc::unsupported);
    CHECK(flv::parse_audio(std::string("\x95\x01mp4a\0raw", 10))->data == "raw");
    CHECK(flv::parse_audio("\x95\x11mp4a").error() == Errc::unsupported);
}

TEST_CASE("unknown FourCCs and MPEG-2 TS sequence starts are unsupported, cut tags invalid", "[flv]") {
    CHECK(flv::parse_video("\x90vp09").error() == Errc::unsupported);
    CHECK(flv::parse_video("\x95hvc1").error() == Errc::unsupported);
    CHECK(flv::parse_video("\x9Fhvc1").error() == Errc::invalid_input);
    CHECK(flv::parse_video("\x90hvc").error() == Errc::invalid_input);
    CHECK(flv::parse_video(std::string("\x91hvc1\0\0", 7)).error() == Errc::invalid_input);
    CHECK(flv::parse_video("\x97").error() == Errc::invalid_input);
    CHECK(flv::parse_video("\x96").error() == Errc::invalid_input);
    CHECK(flv::parse_audio("\x90Opus").error() == Errc::unsupported);
    CHECK(flv::parse_audio("\x90mp4").error() == Errc::invalid_input);
    CHECK(flv::parse_audio("\x9Fmp4a").error() == Errc::invalid_input);
}

TEST_CASE("enhanced audio carries AAC as mp4a", "[flv]") {
    CHECK(flv::parse_audio("\x90mp4a\x12\x10")->kind == Audio::config);
    CHECK(flv::parse_audio("\x91mp4araw")->data == "raw");
    CHECK(flv::parse_audio("\x92mp4a")->kind == Audio::nothing);
    CHECK(flv::parse_audio("\x94mp4a")->kind == Audio::nothing);
}

TEST_CASE("a publisher may change from H.264 to HEVC: frames of the other codec never mix in", "[stream]") {
    FakeClock clock;
    stream::Stream stream(clock, 202'000);
    Seen seen;
    stream.add_reader(seen);
    stream.begin_run();
    stream.on_data(test::metadata(true, false));
    REQUIRE(stream.on_video(0, test::video_config_tag(test::avc_record())));
    REQUIRE(stream.on_video(0, test::video_tag(true)));
    REQUIRE(stream.on_video(40, "\x90hvc1" + test::hevc_record()));
    REQUIRE(stream.on_video(40, test::video_tag(false)));
    REQUIRE(stream.on_video(80, std::string("\x93hvc1\0\0\0\1n", 10)));
    REQUIRE(stream.on_video(120, std::string("\x90" "av01", 5) + test::av1_record()));
    REQUIRE(stream.on_video(120, std::string("\x91" "av01\x32\1o", 8)));
    CHECK(seen.codecs == std::vector<std::string>{"avc1.42c00c", "hvc1.1.6.L60.90", "av01.0.00M.08"});
    CHECK(seen.frames.size() == 3);
    CHECK(stream.dropped_frames() == 1);
    CHECK(stream.on_video(160, std::string("\x90vp09")).error() == Errc::unsupported);
}
