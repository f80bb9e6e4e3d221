#include <livefair/v1/catalog.pb.h>

#include <catch2/catch.hpp>

#include "auth/media_token.hpp"
#include "base/clock.hpp"
#include "integration/api/site.hpp"

using namespace livefair;
using auth::MediaScope;
using test::Site;

namespace {

v1::MediaTokenResponse token_of(Site& site, const std::string& room, const std::string& scope, const std::string& who) {
    v1::MediaTokenResponse response;
    site.must("GET", "/api/v1/rooms/" + room + "/media-token?scope=" + scope, "", who).read(response);
    return response;
}

bool is_private(Site& site, const std::string& room) { return site.redis({"SISMEMBER", "lf:rooms:private", room}).integer == 1; }

std::string playing(const std::string& player, bool left = false) {
    return R"({"player":")" + player + R"(","left":)" + (left ? "true" : "false") + "}";
}

}  // namespace

TEST_CASE("a media token is for one room, one scope and a short time", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    const RoomId room("tea-room");
    const auto host = site.host_of("tea-room");
    const auto now_s = system_clock().unix_ms() / 1000;
    const auto watch = token_of(site, "tea-room", "watch", host);
    const auto secret = site.media_secret();
    CHECK(auth::check_media_token(secret, watch.token(), room, MediaScope::watch, now_s).has_value());
    CHECK(auth::check_media_token(secret, watch.token(), room, MediaScope::download, now_s).error() == Errc::forbidden);
    CHECK(auth::check_media_token(secret, watch.token(), RoomId("other"), MediaScope::watch, now_s).error() == Errc::forbidden);
    CHECK(auth::check_media_token(secret, watch.token(), room, MediaScope::watch, now_s + 602).error() == Errc::timed_out);
    CHECK(watch.expires_ms() / 1000 - now_s >= 598);
    const auto download = token_of(site, "tea-room", "download", host);
    CHECK(auth::check_media_token(secret, download.token(), room, MediaScope::download, now_s + 3590).has_value());
}

TEST_CASE("tokens are for those with a role in the room, downloads for host and operators", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    site.make_sale("salt", 1);
    const std::string path = "/api/v1/rooms/tea-room/media-token?scope=";
    site.must("POST", "/api/v1/staff",
              R"({"name":"helper","password":"a long password","nickname":"助理","grants":[{"role":"ROLE_ASSISTANT","roomId":"tea-room"}]})",
              site.site_operator());
    v1::SignInResponse helper;
    site.must("POST", "/api/v1/auth/staff", R"({"name":"helper","password":"a long password"})").read(helper);
    CHECK(site.call("GET", path + "watch").code() == "unauthenticated");
    CHECK(site.call("GET", path + "watch", "", site.buyer("13800001234")).code() == "forbidden");
    CHECK(site.call("GET", path + "watch", "", site.host_of("salt-room")).code() == "forbidden");
    CHECK(site.call("GET", path + "watch", "", helper.token()).status == 200);
    CHECK(site.call("GET", path + "download", "", helper.token()).code() == "forbidden");
    CHECK(site.call("GET", path + "download", "", site.site_operator()).status == 200);
    CHECK(site.call("GET", path + "everything", "", site.site_operator()).code() == "invalid_input");
    CHECK(site.call("GET", "/api/v1/rooms/nowhere/media-token", "", site.site_operator()).code() == "not_found");
}

TEST_CASE("an account gets only so many tokens", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    int given = 0;
    while (given < 100 && site.call("GET", "/api/v1/rooms/tea-room/media-token", "", site.site_operator()).status == 200) ++given;
    CHECK(given == 30);
    CHECK(site.call("GET", "/api/v1/rooms/tea-room/media-token", "", site.site_operator()).code() == "too_many_requests");
}

TEST_CASE("private shows and rehearsals stand in Redis for media, and in the list for their own people alone", "[api]") {
    Site site;
    const auto& token = site.site_operator();
    site.must("POST", "/api/v1/shows", R"({"id":"open","roomId":"open-room","title":"公开"})", token);
    site.must("POST", "/api/v1/shows", R"({"id":"inner","roomId":"inner-room","title":"内部","isPrivate":true})", token);
    site.must("POST", "/api/v1/shows", R"({"id":"drill","roomId":"drill-room","title":"彩排","practice":true})", token);
    CHECK_FALSE(is_private(site, "open-room"));
    CHECK(is_private(site, "inner-room"));
    CHECK(is_private(site, "drill-room"));

    const auto count = [&](const std::string& who) {
        v1::ListShowsResponse shows;
        site.must("GET", "/api/v1/shows", "", who).read(shows);
        return shows.shows_size();
    };
    CHECK(count("") == 1);
    CHECK(count(site.host_of("inner-room")) == 2);
    CHECK(count(token) == 3);

    site.must("POST", "/api/v1/shows/inner/access", "{}", token);
    CHECK_FALSE(is_private(site, "inner-room"));
    CHECK(is_private(site, "drill-room"));
    site.must("POST", "/api/v1/shows/open/access", R"({"isPrivate":true})", site.host_of("open-room"));
    CHECK(is_private(site, "open-room"));
    CHECK(site.call("POST", "/api/v1/shows/open/access", "{}", site.buyer("13800001234")).code() == "forbidden");
}

TEST_CASE("a Redis that lost or invented private rooms is brought to what the ledger says", "[api]") {
    Site site;
    site.must("POST", "/api/v1/shows", R"({"id":"inner","roomId":"inner-room","title":"内部","isPrivate":true})", site.site_operator());
    site.redis({"DEL", "lf:rooms:private"});
    site.redis({"SADD", "lf:rooms:private", "stale"});
    site.mirror_private_rooms();
    CHECK(is_private(site, "inner-room"));
    CHECK_FALSE(is_private(site, "stale"));
}

TEST_CASE("pages whose picture moves are counted once each, until they leave or fall silent", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    const std::string path = "/api/v1/rooms/tea-room/playing";
    site.must("POST", path, playing("0123456789abcdef"));
    site.must("POST", path, playing("0123456789abcdef"));
    site.must("POST", path, playing("fedcba9876543210"));
    CHECK(site.players_of("tea-room") == 2);
    site.must("POST", path, playing("fedcba9876543210", true));
    CHECK(site.players_of("tea-room") == 1);
    const auto long_ago = std::to_string(system_clock().unix_ms() - 76'000);
    site.redis({"ZADD", "{rtea-room}:players", long_ago, "0123456789abcdef"});
    CHECK(site.players_of("tea-room") == 0);
    CHECK(site.redis({"PTTL", "{rtea-room}:players"}).integer > 0);
}

TEST_CASE("a beacon of no room, or that is no beacon, leaves nothing in Redis", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    CHECK(site.call("POST", "/api/v1/rooms/nowhere/playing", playing("0123456789abcdef")).code() == "not_found");
    for (const auto* player : {"", "short", "0123456789abcdef 0123", "<script>alert(1)</script>"})
        CHECK(site.call("POST", "/api/v1/rooms/tea-room/playing", playing(player)).code() == "invalid_input");
    CHECK(site.redis({"KEYS", "*:players"}).items.empty());
}
