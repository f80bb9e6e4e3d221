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
