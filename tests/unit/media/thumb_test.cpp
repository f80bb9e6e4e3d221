#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <future>

#include "base/clock.hpp"
#include "stream/stream.hpp"
#include "support/coded_frame.hpp"
#include "support/flv_clip.hpp"
#include "support/process.hpp"
#include "thumb/thumbnailer.hpp"

using namespace livefair;

namespace {

const RoomId room("room");

/// Keeps the packets of a run.
struct Recorder final : stream::Reader {
    void on_run(const stream::Tracks& now) override { tracks = now; }
    void on_packet(const stream::Packet& packet) override { packets.push_back(packet); }
    void on_run_end() override {}
    stream::Tracks tracks;
    std::vector<stream::Packet> packets;
};

void play(const test::FlvClip& clip, FakeClock& clock, stream::Stream& stream) {
    std::int64_t now_ms = 0;
    for (const auto& tag : clip.tags) {
        if (tag.at_ms > now_ms) clock.advance(std::chrono::milliseconds(tag.at_ms - now_ms));
        now_ms = std::max(now_ms, tag.at_ms);
        if (tag.is_video()) REQUIRE(stream.on_video(tag.timestamp_ms, tag.body).has_value());
        else if (tag.is_audio()) REQUIRE(stream.on_audio(tag.timestamp_ms, tag.body).has_value());
        else stream.on_data(tag.body);
    }
}

Recorder record(const test::ClipOptions& options) {
    FakeClock clock;
    Recorder recorder;
    stream::Stream stream(clock, 500'000);
    stream.add_reader(recorder);
    stream.begin_run();
    play(test::FlvClip::make(options), clock, stream);
    stream.end_run();
    return recorder;
}

thumb::KeyFrame key_frame_of(const Recorder& recorder) {
    for (const auto& packet : recorder.packets)
        if (packet.track == stream::Track::video && packet.key)
            return {recorder.tracks.video->kind, recorder.tracks.video->record, packet.bytes, packet.offset, packet.wall_ms};
    throw std::runtime_error("the clip has no key frame");
}

struct Size {
    int width = 0, height = 0;
    bool operator==(const Size&) const = default;
};

/// From the start-of-frame segment (ITU-T T.81, B.2.2); 0 x 0: no JPEG.
Size size_of(const std::string& jpeg) {
    const auto byte = [&](std::size_t at) { return at < jpeg.size() ? static_cast<unsigned char>(jpeg[at]) : 0; };
    if (byte(0) != 0xFF || byte(1) != 0xD8) return {};
    for (std::size_t at = 2; at + 8 < jpeg.size(); at += 2 + byte(at + 2) * 256u + byte(at + 3)) {
        if (byte(at) != 0xFF) return {};
        if (byte(at + 1) == 0xC0) return {byte(at + 7) * 256 + byte(at + 8), byte(at + 5) * 256 + byte(at + 6)};
    }
    return {};
}

}  // namespace

TEST_CASE("a key frame becomes a JPEG of the asked width in the picture's shape", "[media]") {
    const auto frame = key_frame_of(record({}));
    CHECK(size_of(thumb::to_jpeg(frame, 160).value()) == Size{160, 90});
    CHECK(size_of(thumb::to_jpeg(frame, 480).value()) == Size{320, 180});
}

TEST_CASE("a picture with oblong pixels gets the shape it is shown in", "[media]") {
    test::ClipOptions options;
    options.size = "180x180";
    options.arguments = {"-aspect", "16:9"};
    CHECK(size_of(thumb::to_jpeg(key_frame_of(record(options)), 160).value()) == Size{160, 90});
}

TEST_CASE("HEVC and AV1 key frames become thumbnails, too", "[media]") {
    for (const auto& [kind, encoder] : {std::pair(codec::VideoKind::hevc, "libx265"), std::pair(codec::VideoKind::av1, "libsvtav1")}) {
        INFO(encoder);
        const auto coded = test::make_key_frame(encoder, "320x180");
        const thumb::KeyFrame frame{kind, coded.record, share_bytes(coded.data), 0, 0};
        CHECK(size_of(thumb::to_jpeg(frame, 160).value()) == Size{160, 90});
    }
}

TEST_CASE("a broken frame makes no thumbnail and does no harm", "[media]") {
    const auto frame = key_frame_of(record({}));
    for (const std::size_t kept : {0, 1, 5, 40, 200}) {
        auto cut = frame;
        cut.bytes = share_bytes(frame.bytes->substr(0, frame.offset + kept));
        CHECK(thumb::to_jpeg(cut, 160).has_error());
    }
    auto noise = frame;
    noise.bytes = share_bytes(std::string(5000, '\x5a'));
    CHECK(thumb::to_jpeg(noise, 160).has_error());
    for (const auto kind : {codec::VideoKind::hevc, codec::VideoKind::av1}) {
        auto other = frame;
        other.kind = kind;
        CHECK(thumb::to_jpeg(other, 160).has_error());
    }
    auto headless = frame;
    headless.record = "\x01";
    CHECK(thumb::to_jpeg(headless, 160).has_error());
}

TEST_CASE("a room's first picture is made at once, a later one when it is asked for", "[media]") {
    FakeClock clock;
    net::Shards shards(1);
    thumb::Thumbnails thumbnails;
    thumb::Thumbnailer thumbnailer(thumbnails, 160);
    thumb::KeyFrames key_frames(thumbnailer, room, 3000);
    shards.start();
    const auto latest = [&] {
        return net::asio::co_spawn(shards.at(0).executor(), thumbnailer.latest(shards.at(0), room), net::asio::use_future).get();
    };
    stream::Stream stream(clock, 500'000);
    stream.add_reader(key_frames);
    CHECK_FALSE(latest().jpeg);
    thumbnailer.open(room);
    CHECK_FALSE(latest().jpeg);
    stream.begin_run();
    const auto start_ms = clock.unix_ms();
    const auto taken_after = [&](std::int64_t taken_ms) { return taken_ms - start_ms; };
    const auto clip = test::FlvClip::make({});
    play(clip, clock, stream);
    // 4 s with a key frame each second: the first is offered and made, the one 3 s later is offered.
    CHECK(test::eventually([&] { return thumbnails.find(room).jpeg != nullptr; }));
    CHECK(test::eventually([&] { return std::abs(taken_after(thumbnailer.newest_ms(room)) - 3000) < 100; }));
    const auto asked = latest();
    CHECK(std::abs(taken_after(asked.taken_ms) - 3000) < 100);
    CHECK(size_of(*asked.jpeg) == Size{160, 90});
    CHECK(latest().jpeg == asked.jpeg);
    thumbnailer.close(room);
    CHECK_FALSE(latest().jpeg);
    thumbnails.put(room, {share_bytes("late"), 1});
    CHECK_FALSE(latest().jpeg);
    shards.stop();
}

TEST_CASE("many who ask for a picture at once get the same one, made once", "[media]") {
    const auto frame = key_frame_of(record({}));
    net::Shards shards(2);
    thumb::Thumbnails thumbnails;
    thumb::Thumbnailer thumbnailer(thumbnails, 160);
    shards.start();
    thumbnailer.open(room);
    thumbnailer.offer(room, frame);
    CHECK(test::eventually([&] { return thumbnails.find(room).jpeg != nullptr; }));
    auto later = frame;
    later.taken_ms += 10'000;
    thumbnailer.offer(room, later);
    CHECK(thumbnails.find(room).taken_ms == frame.taken_ms);
    std::vector<std::future<thumb::Thumbnail>> asked;
    for (unsigned i = 0; i < 100; ++i) {
        auto& shard = shards.at(i % 2);
        asked.push_back(net::asio::co_spawn(shard.executor(), thumbnailer.latest(shard, room), net::asio::use_future));
    }
    for (auto& one : asked) {
        const auto got = one.get();
        CHECK(got.jpeg == thumbnails.find(room).jpeg);
    }
    CHECK(thumbnails.find(room).taken_ms == later.taken_ms);
    shards.stop();
}

TEST_CASE("a later frame that does not decode leaves the picture before it", "[media]") {
    auto frame = key_frame_of(record({}));
    net::Shards shards(1);
    thumb::Thumbnails thumbnails;
    thumb::Thumbnailer thumbnailer(thumbnails, 160);
    shards.start();
    thumbnailer.open(room);
    thumbnailer.offer(room, frame);
    CHECK(test::eventually([&] { return thumbnails.find(room).jpeg != nullptr; }));
    const auto taken_ms = frame.taken_ms;
    frame.bytes = share_bytes("no picture");
    frame.offset = 0;
    frame.taken_ms += 10'000;
    thumbnailer.offer(room, frame);
    const auto latest = net::asio::co_spawn(shards.at(0).executor(), thumbnailer.latest(shards.at(0), room), net::asio::use_future).get();
    CHECK(latest.taken_ms == taken_ms);
    CHECK(size_of(*latest.jpeg) == Size{160, 90});
    shards.stop();
}
