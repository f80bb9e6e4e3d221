#include <livefair/v1/catalog.pb.h>

#include <catch2/catch.hpp>

#include "auth/push_target.hpp"
#include "integration/api/site.hpp"
#include "redis/subscriber.hpp"
#include "support/process.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using test::Site;

namespace {

constexpr const char* path = "/api/v1/rooms/tea-room/push-targets";
constexpr const char* key = "live_123?secret=abcdefgh6789";

std::string body(const std::string& id, const std::string& url = "rtmp://push.example.com/live", const std::string& stream_key = key) {
    return R"({"id":")" + id + R"(","name":"抖音","url":")" + url + R"(","key":")" + stream_key + R"("})";
}

}  // namespace

TEST_CASE("a host adds a platform, media finds it sealed in Redis, and the key is never given back", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    const auto host = site.host_of("tea-room");
    std::string told;
    redis::Subscriber subscriber(
        site.context().get_executor(), site.redis_server().options(),
        [&](const std::string&, const std::string& room) { told = room; }, [](const std::string&) {});
    subscriber.subscribe("{lf:push}");
    subscriber.start();
    REQUIRE(test::run_until(site.context(), [&] { return subscriber.is_connected(); }));

    const auto added = site.must("POST", path, body("douyin"), host);
    v1::PushTarget target;
    added.read(target);
    CHECK(target.id() == "douyin");
    CHECK(target.key_end() == "6789");
    CHECK(target.key().empty());
    const auto listed = site.must("GET", path, "", host);
    CHECK((added.body + listed.body).find("secret=") == std::string::npos);
    CHECK(listed.body.find("rtmp://push.example.com/live") != std::string::npos);

    const auto sealed = site.redis({"HGET", "{lf:push}:tea-room", "douyin"}).text;
    CHECK(auth::unseal_push_target(site.media_secret(), sealed).value() == auth::PushTarget{"rtmp://push.example.com/live", key});
    CHECK(test::run_until(site.context(), [&] { return told == "tea-room"; }));

    site.must("DELETE", std::string(path) + "/douyin", "", host);
    CHECK(site.redis({"EXISTS", "{lf:push}:tea-room"}).integer == 0);
    CHECK(site.call("DELETE", std::string(path) + "/douyin", "", host).code() == "not_found");
    subscriber.stop();
}

TEST_CASE("only the room's host and operators see or change where it is pushed", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    site.make_sale("salt", 1);
    const auto other = site.host_of("salt-room");
    for (const auto& token : {other, site.buyer("13800001234")}) {
        CHECK(site.call("GET", path, "", token).code() == "forbidden");
        CHECK(site.call("POST", path, body("a"), token).code() == "forbidden");
        CHECK(site.call("DELETE", std::string(path) + "/a", "", token).code() == "forbidden");
    }
    CHECK(site.call("GET", path).code() == "unauthenticated");
    site.must("POST", path, body("a"), site.site_operator());
    // Another room's host can't reach it through a room of its own.
    CHECK(site.call("DELETE", "/api/v1/rooms/salt-room/push-targets/a", "", other).code() == "not_found");
}

TEST_CASE("a room takes eight platforms, and each id once", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    const auto& token = site.site_operator();
    site.must("POST", path, body("p0"), token);
    CHECK(site.call("POST", path, body("p0"), token).code() == "conflict");
    for (int i = 1; i < 8; ++i) site.must("POST", path, body("p" + std::to_string(i)), token);
    CHECK(site.call("POST", path, body("p8"), token).code() == "too_large");
    CHECK(site.call("POST", "/api/v1/rooms/nowhere/push-targets", body("a"), token).code() == "not_found");
}

TEST_CASE("an address inside, a bad key and a short key are told apart", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    const auto& token = site.site_operator();
    for (const auto* url : {"http://push.example.com/live", "rtmp://127.0.0.1/live", "rtmp://localhost/live", "rtmp://[::1]/live",
                            "rtmps://10.1.2.3/live", "rtmp://push.example.com", "rtmp://a.example/live?key=1"}) {
        INFO(url);
        CHECK(site.call("POST", path, body("a", url), token).body.find("url") != std::string::npos);
    }
    for (const auto* bad : {"", "a b", "密钥"}) CHECK(site.call("POST", path, body("a", "rtmp://push.example.com/live", bad), token).status == 400);
    v1::PushTarget target;
    site.must("POST", path, body("a", "rtmp://push.example.com/live", "short"), token).read(target);
    CHECK(target.key_end().empty());
}

TEST_CASE("a Redis that lost or kept too much is brought to what the ledger says", "[api]") {
    Site site;
    site.make_sale("tea", 1);
    site.make_sale("salt", 1);
    site.must("POST", path, body("kept"), site.site_operator());
    site.redis({"DEL", "{lf:push}:tea-room"});
    site.redis({"HSET", "{lf:push}:salt-room", "stale", "x"});
    site.mirror_push_targets();
    CHECK(site.redis({"HEXISTS", "{lf:push}:tea-room", "kept"}).integer == 1);
    CHECK(site.redis({"EXISTS", "{lf:push}:salt-room"}).integer == 0);
}
