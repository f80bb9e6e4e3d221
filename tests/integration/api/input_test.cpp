#include <livefair/v1/catalog.pb.h>

#include <catch2/catch.hpp>

#include "auth/token.hpp"
#include "integration/api/site.hpp"
#include "redis/subscriber.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using test::Site;

TEST_CASE("bodies that are not what a call takes are refused with the field's name", "[api]") {
    Site site;
    const auto& token = site.site_operator();
    const auto post = [&](const std::string& body) { return site.call("POST", "/api/v1/products", body, token); };
    const auto unknown = post(R"({"title":"茶","prizeFen":"1"})");
    CHECK(unknown.status == 400);
    CHECK(unknown.body.find("prizeFen") != std::string::npos);
    CHECK(post(R"({"title":"茶"})").body.find("unit") != std::string::npos);
    CHECK(post(std::string(10'000, '[')).code() == "invalid_input");
    CHECK(post(R"({"title":"<b>\u202Efdp.exe","unit":"盒"})").status == 400);
    CHECK(post(R"({"title":"\ud800"})").status == 400);
    CHECK(post("{}garbage").status == 400);
}

TEST_CASE("a body over the limit is refused before it is read", "[api]") {
    Site site;
    CHECK(site.call("POST", "/api/v1/products", std::string(70'000, ' '), site.site_operator()).status == 413);
}

TEST_CASE("what is not in the table of calls is not found, a wrong method is told which are right", "[api]") {
    Site site;
    CHECK(site.call("GET", "/api/v1/nothing").code() == "not_found");
    CHECK(site.call("GET", "/api/").status == 404);
    const auto wrong = site.call("DELETE", "/api/v1/shows");
    CHECK(wrong.status == 405);
    CHECK(wrong.header("allow") == "GET, POST");
    CHECK(site.call("POST", "/", "").status == 405);
}

TEST_CASE("an address that asks too often is told to wait", "[api]") {
    Site site([](Config& config) {
        config.limits.requests_per_second = 1;
        config.limits.requests_burst = 3;
    });
    int refused = 0;
    for (int i = 0; i < 10; ++i) refused += site.call("GET", "/api/v1/shows").status == 429;
    CHECK(refused >= 5);
}

TEST_CASE("trusted addresses may ask as often as they like", "[api]") {
    Site site([](Config& config) {
        config.limits.requests_burst = 1;
        config.limits.requests_per_second = 1;
        config.limits.trusted_addresses = {"127.0.0.1"};
    });
    for (int i = 0; i < 10; ++i) CHECK(site.call("GET", "/api/v1/shows").status == 200);
}

TEST_CASE("pages come with their policy and answers of the API are never cached", "[api]") {
    Site site;
    const auto page = site.call("GET", "/");
    CHECK(page.status == 200);
    CHECK(page.header("content-security-policy").find("frame-ancestors 'none'") != std::string::npos);
    CHECK(page.header("x-content-type-options") == "nosniff");
    CHECK(site.call("GET", "/api/v1/shows").header("cache-control") == "no-store");
    CHECK(site.call("HEAD", "/api/v1/shows").status == 200);
}

TEST_CASE("a browser gets a cookie that tells it from others with its first page, and keeps it", "[api]") {
    Site site;
    const auto cookie = site.call("GET", "/").header("set-cookie");
    REQUIRE(cookie.starts_with("livefair_device="));
    CHECK(cookie.find("; HttpOnly; SameSite=Lax; Max-Age=31536000") != std::string::npos);
    CHECK(cookie != site.call("GET", "/").header("set-cookie"));
    const auto sent = cookie.substr(0, cookie.find(';'));
    CHECK(site.call("GET", "/", {}, {}, {{"cookie", sent}}).header("set-cookie").empty());
    CHECK_FALSE(site.call("GET", "/", {}, {}, {{"cookie", "livefair_device=made-up"}}).header("set-cookie").empty());
    CHECK(site.call("GET", "/api/v1/shows").header("set-cookie").empty());
}

TEST_CASE("a new stream key replaces the old one in Redis, which holds hashes alone, and media is told", "[api]") {
    Site site;
    site.make_sale("show-a", 1);
    const auto host = site.host_of("show-a-room");
    v1::StreamKeyResponse first, second;
    site.must("POST", "/api/v1/rooms/show-a-room/stream-key", "{}", host).read(first);
    CHECK(first.stream_key().size() == 32);
    CHECK(first.rtmp_url() == "rtmp://127.0.0.1:1935/live");
    CHECK(site.room_of_key(first.stream_key()) == "show-a-room");

    bool is_subscribed = false;
    std::string revoked;
    redis::Subscriber media(
        site.context().get_executor(), site.redis_server().options(),
        [&](const std::string&, const std::string& payload) { revoked = payload; },
        [&](const std::string&) { is_subscribed = true; });
    media.start();
    media.subscribe("lf:streamkeys:revoked");
    REQUIRE(test::run_until(site.context(), [&] { return is_subscribed; }));
    site.must("POST", "/api/v1/rooms/show-a-room/stream-key", "{}", host).read(second);
    CHECK(test::run_until(site.context(), [&] { return revoked == auth::hash_token(first.stream_key()); }));
    media.stop();
    CHECK(site.room_of_key(first.stream_key()).empty());
    CHECK(site.room_of_key(second.stream_key()) == "show-a-room");
    CHECK(site.redis({"HLEN", "lf:streamkeys"}).integer == 1);
    CHECK(site.redis({"HEXISTS", "lf:streamkeys", second.stream_key()}).integer == 0);
}

TEST_CASE("keys that Redis should not hold go and keys that it lost come back", "[api]") {
    Site site;
    site.make_sale("show-a", 1);
    v1::StreamKeyResponse key;
    site.must("POST", "/api/v1/rooms/show-a-room/stream-key", "{}", site.site_operator()).read(key);
    site.redis({"DEL", "lf:streamkeys"});
    site.redis({"HSET", "lf:streamkeys", "stale", "show-a-room"});
    site.mirror_stream_keys();
    CHECK(site.room_of_key(key.stream_key()) == "show-a-room");
    CHECK(site.redis({"HLEN", "lf:streamkeys"}).integer == 1);
}
