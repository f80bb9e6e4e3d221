#include "auth/rate_limit.hpp"

#include <catch2/catch.hpp>

using namespace livefair;
using namespace std::chrono_literals;

TEST_CASE("a bucket gives its burst at once and then its rate", "[auth]") {
    FakeClock clock;
    auth::TokenBucket bucket({2, 5}, clock.steady());
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(clock.steady()));
    CHECK_FALSE(bucket.take(clock.steady()));
    clock.advance(499ms);
    CHECK_FALSE(bucket.take(clock.steady()));
    clock.advance(2ms);
    CHECK(bucket.take(clock.steady()));
    CHECK_FALSE(bucket.take(clock.steady()));
    clock.advance(1h);
    CHECK(bucket.is_full(clock.steady()));
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(clock.steady()));
    CHECK_FALSE(bucket.take(clock.steady()));
}

TEST_CASE("a clock that stands or goes back refills nothing", "[auth]") {
    FakeClock clock;
    auth::TokenBucket bucket({1, 1}, clock.steady());
    CHECK(bucket.take(clock.steady()));
    CHECK_FALSE(bucket.take(clock.steady() - 1h));
    CHECK_FALSE(bucket.take(clock.steady()));
}

TEST_CASE("each key has a bucket of its own", "[auth]") {
    FakeClock clock;
    auth::KeyedLimiter limiter(clock, {1, 1});
    CHECK(limiter.allow("a"));
    CHECK_FALSE(limiter.allow("a"));
    CHECK(limiter.allow("b"));
    CHECK_FALSE(limiter.has_token("a"));
    CHECK(limiter.has_token("c"));
    CHECK(limiter.size() == 2);
    clock.advance(1001ms);
    CHECK(limiter.has_token("a"));
    CHECK(limiter.allow("a"));
}

TEST_CASE("a full limiter forgets the oldest full bucket before one that is being limited", "[auth]") {
    FakeClock clock;
    auth::KeyedLimiter limiter(clock, {1, 3}, 3);
    for (int i = 0; i < 3; ++i) CHECK(limiter.allow("flooder"));
    CHECK(limiter.allow("calm"));
    clock.advance(1s);
    CHECK(limiter.allow("new"));
    CHECK(limiter.allow("newer"));  // takes the place of "calm", whose bucket is full again
    CHECK(limiter.size() == 3);
    CHECK(limiter.allow("flooder"));
    CHECK_FALSE(limiter.allow("flooder"));
}

TEST_CASE("a limiter never holds more keys than it may", "[auth]") {
    FakeClock clock;
    auth::KeyedLimiter limiter(clock, {1, 1}, 100);
    for (int i = 0; i < 1000; ++i) {
        CHECK(limiter.allow(std::to_string(i)));
        CHECK(limiter.size() <= 100);
    }
    CHECK_FALSE(limiter.allow("999"));
}
