#include "auth/device.hpp"

#include <catch2/catch.hpp>

using namespace livefair;

TEST_CASE("a device is known by its cookie, and only by one that the site could have made", "[auth]") {
    const auto cookie = auth::make_device();
    CHECK(cookie.size() == 32);
    CHECK(auth::device_of(cookie) != 0);
    CHECK(auth::device_of(cookie) == auth::device_of(cookie));
    CHECK(auth::device_of(cookie) != auth::device_of(auth::make_device()));
    for (const auto* other : {"", "abc", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0"}) CHECK(auth::device_of(other) == 0);
}

TEST_CASE("what is written of a device is 16 hex digits, and nothing where there is none", "[auth]") {
    CHECK(auth::device_text(0) == "");
    CHECK(auth::device_text(0x1f) == "000000000000001f");
    CHECK(auth::device_text(~std::uint64_t{0}) == "ffffffffffffffff");
}

TEST_CASE("a person is a device, else an account, else an address", "[auth]") {
    CHECK(auth::person_of(7, "a", "b") == 7);
    CHECK(auth::person_of(0, "a", "1.2.3.4") == auth::person_of(0, "a", "5.6.7.8"));
    CHECK(auth::person_of(0, "", "1.2.3.4") != auth::person_of(0, "", "5.6.7.8"));
    CHECK(auth::person_of(0, "1.2.3.4", "") != auth::person_of(0, "", "1.2.3.4"));
}
