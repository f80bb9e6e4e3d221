#include "auth/token.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace livefair;

TEST_CASE("a token is 256 random bits in hex, a stream key 128", "[auth]") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto token = auth::make_token();
        CHECK(token.size() == 64);
        CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
        seen.insert(token);
    }
    CHECK(seen.size() == 100);
    CHECK(auth::make_stream_key().size() == 32);
}

TEST_CASE("a token is stored as its SHA-256 in lower-case hex", "[auth]") {
    // FIPS 180-4's example "abc".
    CHECK(auth::hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(auth::hash_token("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("the constant-time comparison tells equal from different texts of any length", "[auth]") {
    CHECK(auth::equal_in_constant_time("", ""));
    CHECK(auth::equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(auth::equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(auth::equal_in_constant_time("abc", "abcd"));
    CHECK_FALSE(auth::equal_in_constant_time("abc", ""));
}
