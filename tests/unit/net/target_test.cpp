#include "net/target.hpp"

#include "support/catch.hpp"

using namespace livefair;

TEST_CASE("a target is decoded once into path and query", "[net][target]") {
    const auto target = net::parse_target("/watch/%E7%93%9C?a=1&b=x%20y+z&a=2&empty&=v&c=a%3Db").value();
    CHECK(target.path == "/watch/瓜");
    CHECK(target.query == std::map<std::string, std::string>{
                              {"a", "1"}, {"b", "x y z"}, {"empty", ""}, {"", "v"}, {"c", "a=b"}});
}

TEST_CASE("the root stays, and one slash at the end of a path is dropped", "[net][target]") {
    CHECK(net::parse_target("/")->path == "/");
    CHECK(net::parse_target("/?a")->path == "/");
    CHECK(net::parse_target("/operator/")->path == "/operator");
    CHECK_FALSE(net::parse_target("//"));
    CHECK_FALSE(net::parse_target("/operator//"));
}

TEST_CASE("targets that a file system or a second decoder could read otherwise are refused", "[net][target]") {
    for (const std::string target :
         {"", "*", "a", "http://x/a", "/..", "/.", "/a/../b", "/a/./b", "//a", "/a//b", "/%2e%2e/a", "/%2E/a", "/a%2fb",
          "/a\\b", "/a%5cb", "/%00", "/a%0a", "/%7f", "/%252e", "/a%25", "/%", "/%1", "/%zz", "/%c0%ae", "/%ed%a0%80",
          "/%f4%90%80%80", "/a?b=%", "/a?b=%00", "/a?b=%0d%0a", "/a?b=%ff"}) {
        INFO(target);
        CHECK_FALSE(net::parse_target(target));
    }
    CHECK_FALSE(net::parse_target(std::string("/a\0b", 4)));
}

TEST_CASE("a query has at most 64 names", "[net][target]") {
    std::string target = "/a?";
    for (int i = 0; i < 64; ++i) target += "n" + std::to_string(i) + "=&";
    CHECK(net::parse_target(target));
    CHECK_FALSE(net::parse_target(target + "one-more="));
}
