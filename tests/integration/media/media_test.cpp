#include <livefair/v1/media.pb.h>

#include <cmath>
#include <csignal>
#include <cstdlib>

#include "base/clock.hpp"
#include "integration/media/studio.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// Decodes `seconds` of a playlist with ffmpeg and checks that it said nothing and decoded both tracks.
void check_decodes(Studio& studio, const std::string& room, int seconds) {
    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "error", "-nostats", "-i", studio.url("/hls/" + room + "/index.m3u8"), "-t", std::to_string(seconds),
                       "-map", "0:v", "-map", "0:a", "-f", "framecrc", "-"};
    options.output_file = studio.file("decode.crc");
    options.error_file = studio.file("decode.err");
    Process decoder(std::move(options));
    const auto status = decoder.wait(std::chrono::seconds(seconds + 30));
    REQUIRE(status == 0);
    CHECK(decoder.errors() == "");
    const auto video = lines_with(decoder.output(), "0,").size(), audio = lines_with(decoder.output(), "1,").size();
    CHECK(video >= static_cast<std::size_t>(seconds) * 25 - 5);
    CHECK(audio >= static_cast<std::size_t>(seconds) * 40);
}

bool is_playing(Studio& studio, const std::string& room) {
    return eventually([&] { return !studio.playlist(room).empty(); }, 20s);
}

std::size_t discontinuities(const std::string& playlist) {
    return lines_with(playlist, "#EXT-X-DISCONTINUITY").size() - lines_with(playlist, "#EXT-X-DISCONTINUITY-SEQUENCE").size();
}

v1::StreamState state_of(Studio& studio, const std::string& room) {
    v1::StreamState state;
    state.ParseFromString(studio.ask_redis({"GET", "lf:stream:" + room}).text);
    return state;
}

/// Milliseconds between the end of what a playlist names and now, by PROGRAM-DATE-TIME.
std::int64_t latency_ms(const std::string& playlist) {
    const auto dates = lines_with(playlist, "#EXT-X-PROGRAM-DATE-TIME:");
    std::tm date{};
    const auto* rest = ::strptime(dates.back().c_str() + 25, "%Y-%m-%dT%H:%M:%S", &date);
    auto end_ms = ::timegm(&date) * 1000 + std::lround(std::atof(rest) * 1000);
    const auto newest = playlist.substr(playlist.find(dates.back()));
    for (const auto& part : lines_with(newest, "#EXT-X-PART:DURATION=")) end_ms += std::lround(std::atof(part.c_str() + 21) * 1000);
    return system_clock().unix_ms() - end_ms;
}

}  // namespace

TEST_CASE("ffmpeg publishes, the playlist appears, blocks, and its video and audio decode", "[media]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a")});
    REQUIRE(is_playing(studio, "room-a"));

    const auto index = studio.get("/hls/room-a/index.m3u8");
    CHECK(net::header_of(index, "access-control-allow-origin") == "https://shop.example");
    CHECK(net::body_of(index).find("RESOLUTION=320x180") != std::string::npos);
    CHECK(net::body_of(index).find(",mp4a.40.2\"") != std::string::npos);

    // Each blocked request is answered as soon as there is one part more.
    for (int i = 0; i < 5; ++i) {
        const auto before = studio.playlist("room-a");
        const auto hint = lines_with(before, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"").at(0);
        const auto name = hint.find("part_");
        const auto part = studio.get("/hls/room-a/" + hint.substr(name, hint.size() - 1 - name));
        CHECK(part.status == 200);
        CHECK(net::body_of(part).substr(4, 4) == "moof");
        CHECK(net::header_of(part, "cache-control").find("immutable") != std::string::npos);
    }
    const auto now = studio.playlist("room-a");
    const auto open = number_of(now, "#EXT-X-MEDIA-SEQUENCE") + lines_with(now, "#EXTINF").size();
    const auto blocked = studio.get("/hls/room-a/live.m3u8?_HLS_msn=" + std::to_string(open + 1) + "&_HLS_part=0");
    CHECK(blocked.status == 200);
    CHECK(number_of(std::string(net::body_of(blocked)), "#EXT-X-MEDIA-SEQUENCE") +
              lines_with(std::string(net::body_of(blocked)), "#EXTINF").size() == open + 1);
    CHECK(studio.get("/hls/room-a/live.m3u8?_HLS_msn=" + std::to_string(open + 50)).status == 400);
    CHECK(studio.get("/hls/room-a/live.m3u8?_HLS_part=1").status == 400);
    CHECK(studio.get("/hls/room-b/live.m3u8").status == 404);
    CHECK(studio.get("/hls/room-a/seg_1.m4s").status == 404);

    check_decodes(studio, "room-a", 4);
    const auto latency = latency_ms(studio.playlist("room-a"));
    CHECK(latency < 1500);
    CHECK(latency > -500);
    REQUIRE(eventually([&] { return state_of(studio, "room-a").fps() > 20; }));
    const auto state = state_of(studio, "room-a");
    CHECK(state.status() == v1::STREAM_STATUS_LIVE);
    CHECK(state.width() == 320);
    CHECK(state.key_frame_interval_ms() == 1000);
    CHECK(state.bitrate_bps() > 10'000);
    CHECK(state.audio_codec() == "mp4a.40.2");
}

TEST_CASE("a wrong key is refused with a clear status before any data and never logged", "[media]") {
    Studio studio;
    studio.make_key("room-a");
    const auto publisher = studio.publish({.key = "not-the-key-4711"});
    const auto status = publisher->wait(20s);
    REQUIRE(status);
    CHECK(*status != 0);
    CHECK(publisher->output().find("stream key not valid") != std::string::npos);
    REQUIRE(eventually([&] { return studio.log().find("publish_refused") != std::string::npos; }));
    CHECK(studio.log().find("4711") == std::string::npos);
    CHECK(studio.get("/hls/room-a/live.m3u8").status == 404);
}

TEST_CASE("an address that is wrong about keys too often is turned away unread", "[media]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_BAD_KEYS_PER_MINUTE", "2"}});
    const auto key = studio.make_key("room-a");
    for (int i = 0; i < 2; ++i) {
        const auto guess = studio.publish({.key = "guess"});
        REQUIRE(guess->wait(20s));
        CHECK(guess->output().find("stream key not valid") != std::string::npos);
    }
    const auto right = studio.publish({.key = key});
    REQUIRE(right->wait(20s));
    CHECK(right->output().find("stream key not valid") == std::string::npos);
}

TEST_CASE("a reconnect gives exactly one discontinuity and no number goes back", "[media]") {
    Studio studio;
    const auto key = studio.make_key("room-a");
    auto publisher = studio.publish({.key = key});
    REQUIRE(is_playing(studio, "room-a"));
    publisher->signal(SIGKILL);
    publisher->wait(5s);
    REQUIRE(eventually([&] { return state_of(studio, "room-a").status() == v1::STREAM_STATUS_RECONNECTING; }));
    const auto before = studio.playlist("room-a");
    publisher = studio.publish({.key = key});
    std::uint64_t sequence = number_of(before, "#EXT-X-MEDIA-SEQUENCE");
    const auto last = sequence + lines_with(before, "#EXTINF").size();
    bool went_back = false;
    REQUIRE(eventually([&] {
        const auto now = studio.playlist("room-a");
        const auto current = number_of(now, "#EXT-X-MEDIA-SEQUENCE");
        went_back = went_back || current < sequence;
        sequence = current;
        return current + lines_with(now, "#EXTINF").size() >= last + 2;
    }, 20s));
    CHECK_FALSE(went_back);
    CHECK(discontinuities(studio.playlist("room-a")) == 1);
    CHECK(lines_with(studio.playlist("room-a"), "#EXT-X-MAP").size() == 1);
    check_decodes(studio, "room-a", 3);
}

TEST_CASE("a publisher of another size gives a new map after one discontinuity", "[media]") {
    Studio studio;
    const auto key = studio.make_key("room-a");
    auto publisher = studio.publish({.key = key});
    REQUIRE(is_playing(studio, "room-a"));
    publisher = studio.publish({.key = key, .size = "256x144"});
    REQUIRE(eventually([&] { return lines_with(studio.playlist("room-a"), "#EXT-X-MAP").size() == 2; }, 20s));
    CHECK(discontinuities(studio.playlist("room-a")) == 1);
    CHECK(net::body_of(studio.get("/hls/room-a/index.m3u8")).find("RESOLUTION=256x144") != std::string::npos);
}

TEST_CASE("a second publisher with the right key takes over at once, even from one that has stopped answering", "[media]") {
    Studio studio;
    const auto key = studio.make_key("room-a");
    const auto first = studio.publish({.key = key});
    REQUIRE(is_playing(studio, "room-a"));
    first->signal(SIGSTOP);
    const auto second = studio.publish({.key = key});
    REQUIRE(eventually([&] { return discontinuities(studio.playlist("room-a")) == 1; }));
    first->signal(SIGCONT);
    CHECK(first->wait(10s));
    CHECK(second->is_running());
}

TEST_CASE("a revoked key ends its publisher, and another room goes on", "[media]") {
    Studio studio;
    const auto key = studio.make_key("room-a");
    const auto first = studio.publish({.key = key}), second = studio.publish({.key = studio.make_key("room-b")});
    REQUIRE(is_playing(studio, "room-a"));
    REQUIRE(is_playing(studio, "room-b"));
    studio.revoke(key);
    CHECK(first->wait(10s));
    CHECK(second->is_running());
}

TEST_CASE("without Redis a publisher is told to try again, and running streams go on", "[media]") {
    Studio studio;
    const auto key = studio.make_key("room-a");
    const auto first = studio.publish({.key = studio.make_key("room-b")});
    REQUIRE(is_playing(studio, "room-b"));
    studio.redis().kill9();
    const auto second = studio.publish({.key = key});
    REQUIRE(second->wait(20s));
    CHECK(second->output().find("try again") != std::string::npos);
    CHECK(first->is_running());
    check_decodes(studio, "room-b", 2);
}

TEST_CASE("a codec that is not served is refused with a clear status", "[media]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a"), .arguments = {"-c:a", "pcm_s16le"}});
    REQUIRE(publisher->wait(20s));
    REQUIRE(eventually([&] { return studio.log().find("\"why\":\"unsupported\"") != std::string::npos; }));
}

TEST_CASE("after kill -9 of livefair-media a publisher that comes back is served with higher numbers", "[media]") {
    Studio studio;
    const auto key = studio.make_key("room-a");
    auto publisher = studio.publish({.key = key});
    REQUIRE(is_playing(studio, "room-a"));
    const auto before = studio.playlist("room-a");
    studio.kill9_and_restart();
    publisher->wait(10s);
    publisher = studio.publish({.key = key});
    REQUIRE(is_playing(studio, "room-a"));
    const auto after = studio.playlist("room-a");
    CHECK(number_of(after, "#EXT-X-MEDIA-SEQUENCE") >= number_of(before, "#EXT-X-MEDIA-SEQUENCE") + lines_with(before, "#EXTINF").size());
    CHECK(number_of(after, "#EXT-X-DISCONTINUITY-SEQUENCE") > number_of(before, "#EXT-X-DISCONTINUITY-SEQUENCE"));
    check_decodes(studio, "room-a", 3);
}

TEST_CASE("the playlist ends when nobody comes back within the grace time", "[media]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_GRACE_MS", "500"}});
    auto publisher = studio.publish({.key = studio.make_key("room-a"), .seconds = 4});
    REQUIRE(publisher->wait(30s));
    REQUIRE(eventually([&] { return !lines_with(studio.playlist("room-a"), "#EXT-X-ENDLIST").empty(); }));
    // The report goes to Redis on its own way, after the playlist has ended.
    CHECK(eventually([&] { return state_of(studio, "room-a").status() == v1::STREAM_STATUS_OFFLINE; }));
}

TEST_CASE("SIGTERM ends the publishers and the program", "[media]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a")});
    REQUIRE(is_playing(studio, "room-a"));
    CHECK(studio.media().terminate() == 0);
    CHECK(publisher->wait(10s));
    CHECK(state_of(studio, "room-a").status() == v1::STREAM_STATUS_RECONNECTING);
}

TEST_CASE("sixty seconds of video and audio decode without an error", "[.long][media]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a"), .seconds = 90});
    REQUIRE(is_playing(studio, "room-a"));
    check_decodes(studio, "room-a", 60);
}
