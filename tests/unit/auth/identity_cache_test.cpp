#include "auth/identity_cache.hpp"

#include <catch2/catch.hpp>

using namespace livefair;
using auth::IdentityCache;

namespace {

constexpr std::int64_t now_ms = 1'782'800'000'000, hour_ms = 3'600'000;

auth::Identity buyer() {
    auth::Identity identity;
    identity.account = AccountId("buyer-1");
    return identity;
}

}  // namespace

TEST_CASE("an identity is remembered for its lifetime, and no longer than its sign-in") {
    IdentityCache cache;
    cache.remember("long", buyer(), now_ms, now_ms + hour_ms, cache.generation());
    cache.remember("short", buyer(), now_ms, now_ms + 10, cache.generation());
    REQUIRE(cache.find("long", now_ms + IdentityCache::lifetime_ms - 1)->account == AccountId("buyer-1"));
    CHECK_FALSE(cache.find("long", now_ms + IdentityCache::lifetime_ms));
    CHECK(cache.find("short", now_ms + 9));
    CHECK_FALSE(cache.find("short", now_ms + 10));
    CHECK_FALSE(cache.find("unknown", now_ms));
}

TEST_CASE("an identity that was remembered before the clock was set back an hour is asked for again") {
    IdentityCache cache;
    cache.remember("token", buyer(), now_ms, now_ms + hour_ms, cache.generation());
    CHECK_FALSE(cache.find("token", now_ms - hour_ms));
}

TEST_CASE("an identity that was read before its account changed is not remembered") {
    IdentityCache cache;
    const auto before = cache.generation();
    cache.drop([](const auth::Identity& identity) { return identity.account == AccountId("buyer-1"); });
    cache.remember("token", buyer(), now_ms, now_ms + hour_ms, before);
    CHECK_FALSE(cache.find("token", now_ms));
}
