#include "redis/sentinels.hpp"

#include <catch2/catch.hpp>

using namespace livefair::redis;

namespace {

Reply texts(const std::vector<std::string>& items) {
    Reply reply{Reply::Kind::array, {}, 0, {}};
    for (const auto& item : items) reply.items.push_back({Reply::Kind::text, item, 0, {}});
    return reply;
}

}  // namespace

TEST_CASE("a host that names sentinels is read, and what only looks like it is not", "[sentinels]") {
    const auto group = parse_sentinels("sentinel://10.0.0.1:26379,redis-2.example:1/livefair");
    REQUIRE(group);
    CHECK(group->sentinels == std::vector<Address>{{"10.0.0.1", 26379}, {"redis-2.example", 1}});
    CHECK(group->name == "livefair");
    for (const auto* wrong : {"127.0.0.1", "sentinel://", "sentinel:///livefair", "sentinel://10.0.0.1:26379", "sentinel://10.0.0.1:26379/", "sentinel://10.0.0.1/livefair",
                              "sentinel://,/livefair", "sentinel://:1/livefair", "sentinel://a:1,/live fair", "sentinel://a:1/b/c", "redis://a:1/b"})
        CHECK_FALSE(parse_sentinels(wrong));
}

TEST_CASE("a sentinel's word about the primary is host and port, anything else is no word", "[sentinels]") {
    CHECK(parse_primary(texts({"10.0.0.1", "6379"})) == Address{"10.0.0.1", 6379});
    CHECK(parse_primary(texts({"redis-1.example", "1"}))->host == "redis-1.example");
    for (const auto& wrong : {texts({}), texts({"10.0.0.1"}), texts({"10.0.0.1", "x"}), texts({"10.0.0.1", "0"}), texts({"10.0.0.1", "65536"}), texts({"", "6379"}),
                              texts({"10.0.0.1", "6379", "1"}), Reply{}})
        CHECK_FALSE(parse_primary(wrong));
}

TEST_CASE("the failover that a sentinel knows is a number among what it says of the primary", "[sentinels]") {
    CHECK(parse_config_epoch(texts({"name", "livefair", "config-epoch", "7", "quorum", "2"})) == 7);
    CHECK(parse_config_epoch(texts({"config-epoch", "0"})) == 0);
    for (const auto& wrong : {texts({}), texts({"config-epoch"}), texts({"config-epoch", "x"}), texts({"config-epoch", "-1"}), texts({"config-epoch", "1 "}),
                              texts({"name", "config-epoch", "3"}), Reply{}})
        CHECK_FALSE(parse_config_epoch(wrong));
}

TEST_CASE("a switch of another name is not ours", "[sentinels]") {
    CHECK(is_switch_of("livefair 10.0.0.1 6379 10.0.0.2 6380", "livefair"));
    for (const auto* wrong : {"other 10.0.0.1 6379 10.0.0.2 6380", "livefair2 10.0.0.1 6379 10.0.0.2 6380", "livefair", ""})
        CHECK_FALSE(is_switch_of(wrong, "livefair"));
}
