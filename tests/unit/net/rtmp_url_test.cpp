#include "net/rtmp_url.hpp"

#include <catch2/catch.hpp>

using namespace livefair;

TEST_CASE("an RTMP address is read as platforms give it", "[net]") {
    const auto plain = net::parse_rtmp_url("rtmp://live-push.example.com/live-bvc/").value();
    CHECK((!plain.tls && plain.host == "live-push.example.com" && plain.port == 1935 && plain.app == "live-bvc"));
    CHECK(plain.tc_url() == "rtmp://live-push.example.com/live-bvc");
    const auto secure = net::parse_rtmp_url("rtmps://[2001:db8::1]:8443/a/b").value();
    CHECK((secure.tls && secure.host == "2001:db8::1" && secure.port == 8443 && secure.app == "a/b"));
    CHECK(secure.tc_url() == "rtmps://[2001:db8::1]:8443/a/b");
    CHECK(net::parse_rtmp_url("rtmps://a.example/live").value().port == 443);
    CHECK(net::parse_rtmp_url("rtmp://127.0.0.1:1/x").value().tc_url() == "rtmp://127.0.0.1:1/x");
}

TEST_CASE("what is no RTMP address, or holds more than one, is refused", "[net]") {
    for (const auto* text : {"", "rtmp://", "http://a.example/live", "rtmp:///live", "rtmp://a.example", "rtmp://a.example/", "rtmp://a.example:0/x",
                             "rtmp://a.example:65536/x", "rtmp://a.example:/x", "rtmp://user:word@a.example/x", "rtmp://a.example/x?key=1",
                             "rtmp://a.example/x#1", "rtmp://a exam.ple/x", "rtmp://[::1/x", "rtmp://[a.example]/x", "rtmp://-a/x", "rtmp://a\r\n/x"}) {
        INFO(text);
        CHECK(net::parse_rtmp_url(text).has_error());
    }
    CHECK(net::parse_rtmp_url("rtmp://a.example/" + std::string(250, 'x')).has_error());
}
