#include <livefair/v1/room.pb.h>

#include "auth/media_secret.hpp"
#include "auth/media_token.hpp"
#include "base/clock.hpp"
#include "integration/media/studio.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// What livefair-server does to pin an offer ("": unpin), with the Function of server/room/room.lua.
void publish(Studio& studio, const std::string& room, const v1::RoomEvent& event) {
    const auto pin = event.has_pin();
    const std::string operation = !pin ? "" : event.pin().offer_id().empty() ? "delete" : "set";
    const auto reply = studio.ask_redis({"FCALL", "room_publish_v1", "4", "{r" + room + "}:meta", "{r" + room + "}:history", "{r" + room + "}:state",
                                         "{r" + room + "}:events", event.SerializeAsString(), "seq", "1000", "e1", operation, pin ? "pin" : ""});
    REQUIRE(reply.items.size() == 3);
}

void pin(Studio& studio, const std::string& room, const std::string& offer, const std::string& title = "古丈毛尖") {
    v1::RoomEvent event;
    event.mutable_pin()->set_offer_id(offer);
    event.mutable_pin()->set_media_time_ms(system_clock().unix_ms());
    event.mutable_pin()->set_title(title);
    event.mutable_pin()->set_price_fen(12'800);
    publish(studio, room, event);
}

void load_functions(Studio& studio) { studio.ask_redis({"FUNCTION", "LOAD", "REPLACE", read_file(LIVEFAIR_ROOM_LUA)}); }

std::vector<std::string> cues(Studio& studio, const std::string& room = "room") { return lines_with(studio.playlist(room), "#EXT-X-DATERANGE"); }

bool is_live(Studio& studio, const std::string& room = "room") { return eventually([&] { return !studio.playlist(room).empty(); }, 20s); }

Process::Options command(Studio& studio, std::vector<std::string> words) {
    Process::Options options;
    options.command = std::move(words);
    options.output_file = studio.file("command.out");
    options.error_file = studio.file("command.err");
    return options;
}

}  // namespace

TEST_CASE("a pin is in the playlist while it lasts, with its end once that is known", "[media]") {
    Studio studio;
    load_functions(studio);
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    REQUIRE(is_live(studio));
    CHECK(cues(studio).empty());
    pin(studio, "room", "o-1", "\"茶\"\n#EXT-X-ENDLIST");
    REQUIRE(eventually([&] { return cues(studio).size() == 1; }, 3s));
    const auto line = cues(studio).front();
    CHECK(line.find("CLASS=\"cn.livefair.pin\"") != std::string::npos);
    CHECK(line.find("X-OFFER-ID=\"o-1\",X-TITLE=\"”茶” #EXT-X-ENDLIST\",X-PRICE-FEN=12800") != std::string::npos);
    CHECK(line.find("END-DATE") == std::string::npos);
    Process prober(command(studio, {"ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", studio.url("/hls/room/live.m3u8")}));
    CHECK(prober.wait(20s) == 0);
    CHECK(prober.errors() == "");

    pin(studio, "room", "");
    REQUIRE(eventually([&] { return cues(studio).size() == 1 && cues(studio).front().find("END-DATE") != std::string::npos; }, 3s));
    // All that was said before stays as it was.
    CHECK(cues(studio).front().starts_with(line.substr(0, line.find(",X-OFFER-ID"))));
}

TEST_CASE("a pin from before the stream, and one that Redis could not tell us of, are found", "[media]") {
    Studio studio;
    load_functions(studio);
    pin(studio, "room", "o-1");
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    REQUIRE(is_live(studio));
    REQUIRE(eventually([&] { return cues(studio).size() == 1; }, 3s));
    // The subscriber's connection is cut; what is published before it is back would be lost.
    studio.ask_redis({"CLIENT", "KILL", "TYPE", "pubsub"});
    pin(studio, "room", "o-2");
    REQUIRE(eventually([&] { return cues(studio).size() == 2; }, 10s));
    CHECK(cues(studio).front().find("END-DATE") != std::string::npos);
    CHECK(cues(studio).back().find("X-OFFER-ID=\"o-2\"") != std::string::npos);
}

TEST_CASE("a private room opens to its token alone, and its answers to no shared cache", "[media]") {
    Studio studio;
    studio.ask_redis({"SADD", "lf:rooms:private", "room"});
    studio.ask_redis({"SPUBLISH", "lf:rooms:private", "room"});
    REQUIRE(eventually([&] { return studio.get("/hls/room/live.m3u8").status == 401; }, 5s));
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    const auto secret = auth::load_media_secret(studio.file("media.secret"));
    const auto now_s = system_clock().unix_ms() / 1000;
    const auto path = [&](const std::string& token, const std::string& file) { return "/hls/room/~" + token + "/" + file; };
    const auto token = auth::make_media_token(secret, RoomId("room"), auth::MediaScope::watch, now_s + 60);
    REQUIRE(eventually([&] { return studio.get(path(token, "live.m3u8")).status == 200; }, 20s));

    const auto playlist = studio.get(path(token, "live.m3u8"));
    CHECK(net::header_of(playlist, "cache-control") == "private, no-store");
    const auto segments = lines_with(std::string(net::body_of(playlist)), "seg_");
    REQUIRE_FALSE(segments.empty());
    const auto segment = studio.get(path(token, segments.front()));
    CHECK(segment.status == 200);
    CHECK(net::header_of(segment, "cache-control") == "private, max-age=86400, immutable");

    CHECK(studio.get("/hls/room/" + segments.front()).status == 401);
    CHECK(studio.get("/thumb/room/latest.jpg").status == 401);
    const auto expired = studio.get(path(auth::make_media_token(secret, RoomId("room"), auth::MediaScope::watch, now_s - 1), "live.m3u8"));
    CHECK(expired.status == 401);
    CHECK(net::body_of(expired).find("过期") != std::string::npos);
    CHECK(studio.get(path(auth::make_media_token(secret, RoomId("other"), auth::MediaScope::watch, now_s + 60), "live.m3u8")).status == 403);
    CHECK(studio.get("/replay/public/20260101T000000Z/download.mp4").status == 401);
    // Guessing is slowed down, for this address alone, and nothing of a token is written anywhere.
    CHECK(eventually([&] { return studio.get(path("1.w.00", "live.m3u8")).status == 429; }, 5s));
    CHECK(studio.log().find(token.substr(token.size() - 16)) == std::string::npos);

    studio.ask_redis({"SREM", "lf:rooms:private", "room"});
    studio.ask_redis({"SPUBLISH", "lf:rooms:private", "room"});
    REQUIRE(eventually([&] { return studio.get("/hls/room/live.m3u8").status == 200; }, 5s));
    CHECK(net::header_of(studio.get("/hls/room/live.m3u8"), "cache-control") == "public, max-age=1");
}

TEST_CASE("until Redis has said which rooms are private, none is open", "[media]") {
    Studio studio;
    REQUIRE(studio.get("/hls/room/live.m3u8").status == 404);
    studio.redis().kill9();
    CHECK(studio.get("/hls/room/live.m3u8").status == 404);  // what is known stays known
    CHECK_THROWS(studio.kill9_and_restart());                // not ready without Redis
    const auto refused = studio.get("/hls/room/live.m3u8");
    CHECK(refused.status == 503);
    CHECK(net::body_of(refused).find("是否公开") != std::string::npos);
    studio.redis().restart();
    CHECK(eventually([&] { return studio.get("/hls/room/live.m3u8").status == 404; }, 10s));
}

TEST_CASE("a publisher with a key frame every 8 s is told so, with the figures", "[media]") {
    Studio studio;
    // 25 pictures a second; of two equal options ffmpeg takes the later one.
    const auto publisher = studio.publish({.key = studio.make_key("room"), .seconds = 40, .arguments = {"-g", "200"}});
    v1::StreamState state;
    REQUIRE(eventually([&] {
        state.ParseFromString(studio.ask_redis({"GET", "lf:stream:room"}).text);
        return state.advice_size() > 0 && state.advice(0) == v1::STREAM_ADVICE_KEY_FRAMES_FAR;
    }, 25s));
    CHECK(state.key_frame_interval_ms() > 4000);
    CHECK(state.bitrate_bps() > 0);
    CHECK(state.fps() > 20);
    CHECK(std::abs(state.av_skew_ms()) < 200);
    CHECK(state.packet_age_ms() < 1500);
    CHECK(state.dropped_frames() < 10);  // sound from before the first key frame
}
