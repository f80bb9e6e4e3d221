#include "net/public_address.hpp"

#include <catch2/catch.hpp>

using namespace livefair;

namespace {

bool is_public(const char* text) { return net::is_public(boost::asio::ip::make_address(text)); }

}  // namespace

TEST_CASE("inner and special addresses are not public, in whatever form they come", "[net]") {
    for (const auto* text : {"127.0.0.1", "127.255.255.255", "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "169.254.169.254",
                             "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
                             "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
                             "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
                             "2001:db8::1", "2001::1", "::127.0.0.1", "64:ff9b:1::1", "100::1", "3fff::1", "5f00::1"}) {
        INFO(text);
        CHECK_FALSE(is_public(text));
    }
}

TEST_CASE("addresses of the internet are public", "[net]") {
    for (const auto* text : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "198.17.0.1",
                             "198.20.0.1", "223.255.255.255", "2606:4700::1111", "240e::1", "2408:8000::1", "::ffff:8.8.8.8", "2002:808:808::1"}) {
        INFO(text);
        CHECK(is_public(text));
    }
}
