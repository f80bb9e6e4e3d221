#include <set>
#include <vector>

#include "base/clock.hpp"
#include "codec/nal.hpp"
#include "ladder/transcoder.hpp"
#include "stream/stream.hpp"
#include "support/catch.hpp"
#include "support/flv_clip.hpp"

using namespace livefair;
using livefair::ladder::Rung;
using livefair::ladder::Transcoder;
using livefair::test::FlvClip;

namespace {

struct Source final : stream::Reader {
    void on_run(const stream::Tracks& run) override { tracks = run; }
    void on_packet(const stream::Packet& packet) override {
        if (packet.track == stream::Track::video) video.push_back(packet);
    }
    void on_run_end() override {}
    stream::Tracks tracks;
    std::vector<stream::Packet> video;
};

/// Two seconds of 640x360 with B-frames, as the relay's readers get them.
Source make_source() {
    Source source;
    FakeClock clock;
    stream::Stream stream(clock, 1'000'000);
    stream.add_reader(source);
    stream.begin_run();
    for (const auto& tag : FlvClip::make({.seconds = 2, .size = "640x360", .arguments = {"-bf", "2"}}).tags) {
        if (tag.is_video()) REQUIRE(stream.on_video(tag.timestamp_ms, tag.body));
        if (tag.is_audio()) REQUIRE(stream.on_audio(tag.timestamp_ms, tag.body));
        if (tag.type == 18) stream.on_data(tag.body);
    }
    stream.end_run();
    return source;
}

std::vector<stream::Packet> transcode(Transcoder& transcoder, const std::vector<stream::Packet>& source) {
    std::vector<stream::Packet> out;
    for (const auto& packet : source) {
        auto made = transcoder.push(packet);
        REQUIRE(made);
        out.insert(out.end(), made->begin(), made->end());
    }
    auto last = transcoder.finish();
    REQUIRE(last);
    out.insert(out.end(), last->begin(), last->end());
    return out;
}

template <class F>
auto values_of(const std::vector<stream::Packet>& packets, F value) {
    std::multiset<std::int64_t> values;
    for (const auto& packet : packets) values.insert(value(packet));
    return values;
}

}  // namespace

TEST_CASE("a rung has the source's frames in a smaller picture, with key frames at the same times", "[ladder]") {
    const auto source = make_source();
    auto transcoder = Transcoder::create({"180p", 180, 300'000}, source.tracks);
    REQUIRE(transcoder);
    CHECK((*transcoder)->tracks().video->width == 320);
    CHECK((*transcoder)->tracks().video->height == 180);
    CHECK((*transcoder)->tracks().audio->record == source.tracks.audio->record);

    const auto out = transcode(**transcoder, source.video);
    CHECK(values_of(out, [](const auto& packet) { return packet.pts; }) == values_of(source.video, [](const auto& packet) { return packet.pts; }));
    CHECK(values_of(out, [](const auto& packet) { return packet.key ? packet.dts : -1; }) ==
          values_of(source.video, [](const auto& packet) { return packet.key ? packet.dts : -1; }));
    std::int64_t last = -1;
    for (const auto& packet : out) {
        CHECK(packet.dts > last);
        CHECK(packet.dts <= packet.pts);
        last = packet.dts;
        CHECK(codec::is_nal_chain(packet.data(), 4));
    }
    CHECK(out.front().wall_ms == source.video.front().wall_ms);
}

TEST_CASE("a source that is no higher than the rung has none", "[ladder]") {
    const auto source = make_source();
    CHECK(Transcoder::create({"360p", 360, 500'000}, source.tracks).error() == make_error_code(Errc::unsupported));
    auto audio_only = source.tracks;
    audio_only.video.reset();
    CHECK_FALSE(Transcoder::create({"180p", 180, 300'000}, audio_only));
}

TEST_CASE("broken frames give nothing, and those after the next key frame come again", "[ladder]") {
    auto source = make_source();
    auto transcoder = Transcoder::create({"180p", 180, 300'000}, source.tracks);
    REQUIRE(transcoder);
    for (std::size_t at = 5; at < 25; ++at) source.video[at].bytes = share_bytes(std::string(source.video[at].bytes->size(), '\x7f'));
    const auto out = transcode(**transcoder, source.video);
    CHECK(out.size() >= 30);
    CHECK(values_of(out, [](const auto& packet) { return packet.key ? packet.dts : -1; }).count(source.video[30].dts) == 1);
}

TEST_CASE("a rung is named after its lines, and its bit rate follows from them", "[ladder]") {
    CHECK(ladder::parse_rung("480p")->height == 480);
    CHECK(ladder::parse_rung("480p")->bitrate_bps == 921'600);
    CHECK(ladder::parse_rung("1080p")->bitrate_bps > ladder::parse_rung("720p")->bitrate_bps);
    for (const auto* bad : {"", "p", "480", "0480p", "-480p", "481p", "100p", "4320p", "480pp", "480p ", "audio", "99999999999999999999p"}) {
        INFO(bad);
        CHECK_FALSE(ladder::parse_rung(bad));
    }
}
