#include "auth/origins.hpp"

#include <catch2/catch.hpp>

using namespace livefair;

TEST_CASE("only the site's own origin and the configured ones are allowed", "[auth]") {
    const auth::Origins origins("https://live.example.cn/", {"https://shop.example.cn"});
    CHECK(origins.allows("https://live.example.cn"));
    CHECK(origins.allows("https://shop.example.cn"));
    for (const auto* evil :
         {"", "null", "http://live.example.cn", "https://live.example.cn:8443", "https://LIVE.example.cn",
          "https://live.example.cn.evil.tld", "https://live.example.cn/", "https://evil.tld"})
        CHECK_FALSE(origins.allows(evil));
}

TEST_CASE("a site on a loopback address is also known as localhost", "[auth]") {
    const auth::Origins origins("http://127.0.0.1:8080", {});
    CHECK(origins.allows("http://127.0.0.1:8080"));
    CHECK(origins.allows("http://localhost:8080"));
    CHECK_FALSE(origins.allows("http://localhost"));
    CHECK_FALSE(auth::Origins("http://127.0.0.100:8080", {}).allows("http://localhost00:8080"));
}
