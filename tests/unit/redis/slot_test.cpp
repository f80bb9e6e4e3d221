#include "redis/slot.hpp"

#include "redis/slot_map.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::redis;

namespace {

Reply text(std::string value) { return {Reply::Kind::text, std::move(value), 0, {}}; }
Reply number(std::int64_t value) { return {Reply::Kind::integer, {}, value, {}}; }
Reply list(std::vector<Reply> items) { return {Reply::Kind::array, {}, 0, std::move(items)}; }
Reply server(std::string host, std::int64_t port) { return list({text(std::move(host)), number(port), text("id")}); }

}  // namespace

TEST_CASE("a key's slot is the one that redis-server says (CLUSTER KEYSLOT)", "[slot]") {
    // Values of redis-server 7.0.15.
    CHECK(slot_of_key("123456789") == 0x31C3);
    CHECK(slot_of_key("foo") == 12182);
    CHECK(slot_of_key("") == 0);
    CHECK(slot_of_key("{user1000}.following") == slot_of_key("user1000"));
    CHECK(slot_of_key("foo{}{bar}") == 8363);
    CHECK(slot_of_key("foo{{bar}}zap") == slot_of_key("{bar"));
    CHECK(slot_of_key("foo{bar}{zap}") == slot_of_key("bar"));
    CHECK(slot_of_key("foo{bar") != slot_of_key("bar"));
}

TEST_CASE("a command goes to the slot of its first key, one without a key anywhere", "[slot]") {
    const auto a = slot_of_key("a");
    CHECK(slot_of_command({"GET", "a"}) == a);
    CHECK(slot_of_command({"SPUBLISH", "a", "b"}) == a);
    CHECK(slot_of_command({"FCALL", "f", "2", "a", "b", "c"}) == a);
    CHECK(slot_of_command({"FCALL_RO", "f", "1", "a"}) == a);
    CHECK(slot_of_command({"EVAL", "return 1", "1", "a"}) == a);
    CHECK(slot_of_command({"XREAD", "COUNT", "1", "BLOCK", "5", "STREAMS", "a", "0"}) == a);
    CHECK_FALSE(slot_of_command({"FCALL", "f", "0", "a"}));
    CHECK_FALSE(slot_of_command({"TIME"}));
    CHECK_FALSE(slot_of_command({"INFO", "server"}));
    CHECK_FALSE(slot_of_command({"XREAD", "COUNT", "1"}));
    CHECK_FALSE(slot_of_command({"FCALL", "f"}));
    CHECK_FALSE(slot_of_command({}));
}

TEST_CASE("what can't change anything is known", "[slot]") {
    CHECK(is_read({"GET", "a"}));
    CHECK(is_read({"FCALL_RO", "f", "1", "a"}));
    CHECK_FALSE(is_read({"FCALL", "f", "1", "a"}));
    CHECK_FALSE(is_read({"SET", "a", "b"}));
    CHECK_FALSE(is_read({}));
}

TEST_CASE("redirections are understood, other errors are not taken for them", "[slot]") {
    const auto moved = parse_redirect("MOVED 3999 127.0.0.1:6381");
    REQUIRE(moved);
    CHECK(moved->kind == Redirect::Kind::moved);
    CHECK(moved->slot == 3999);
    CHECK(moved->to == Address{"127.0.0.1", 6381});
    CHECK(parse_redirect("ASK 0 redis-2.example:6379")->to.host == "redis-2.example");
    CHECK(parse_redirect("MOVED 1 ::1:6379")->to == Address{"::1", 6379});
    CHECK(parse_redirect("MOVED 1 :6379")->to.host.empty());
    CHECK(parse_redirect("TRYAGAIN Multiple keys request during rehashing of slot")->kind == Redirect::Kind::again);
    for (const auto* undone : {"READONLY You can't write against a read only replica.", "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                               "NOREPLICAS Not enough good replicas to write.", "LOADING Redis is loading the dataset in memory"})
        CHECK(parse_redirect(undone)->kind == Redirect::Kind::again);
    CHECK(parse_redirect("CLUSTERDOWN Hash slot not served")->kind == Redirect::Kind::again);
    for (const auto* other : {"ERR no", "MOVED", "MOVED x 127.0.0.1:1", "MOVED 16384 127.0.0.1:1", "MOVED 1 127.0.0.1", "MOVED 1 127.0.0.1:0", "ASK 1",
                              "CROSSSLOT Keys in request don't hash to the same slot", "MOVED 1 127.0.0.1:65536", ""})
        CHECK_FALSE(parse_redirect(other));
}

TEST_CASE("addresses are host and port", "[slot]") {
    CHECK(parse_address("10.0.0.1:6379") == Address{"10.0.0.1", 6379});
    CHECK(parse_address("[::1]:6379") == Address{"::1", 6379});
    for (const auto* wrong : {"", "6379", "host", "host:", "host:x", "host:0", "host:65536", "host:1x"}) CHECK_FALSE(parse_address(wrong));
}

TEST_CASE("the table of slots names primaries and replicas, and what nobody has", "[slot]") {
    const Address asked{"10.0.0.9", 7000};
    const auto table = parse_slots(list({list({number(0), number(100), server("10.0.0.1", 1), server("10.0.0.2", 2)}),
                                         list({number(200), number(16383), server("", 3), server("?", 4), server("10.0.0.2", 2)})}),
                                   asked);
    REQUIRE(table);
    CHECK(table->primaries == std::vector<Address>{{"10.0.0.1", 1}, {"10.0.0.9", 3}});
    CHECK(table->replicas == std::vector<Address>{{"10.0.0.2", 2}, {"10.0.0.9", 4}});
    CHECK(table->owner[0] == 0);
    CHECK(table->owner[100] == 0);
    CHECK(table->owner[101] == SlotTable::nobody);
    CHECK(table->owner[200] == 1);
    CHECK(table->owner[16383] == 1);
}

TEST_CASE("a table that is none is refused", "[slot]") {
    const Address asked{"10.0.0.9", 7000};
    CHECK_FALSE(parse_slots(text("ERR"), asked));
    CHECK_FALSE(parse_slots(list({list({number(0), number(1)})}), asked));
    CHECK_FALSE(parse_slots(list({list({number(-1), number(1), server("a", 1)})}), asked));
    CHECK_FALSE(parse_slots(list({list({number(2), number(1), server("a", 1)})}), asked));
    CHECK_FALSE(parse_slots(list({list({number(0), number(16384), server("a", 1)})}), asked));
    CHECK_FALSE(parse_slots(list({list({number(0), number(1), server("a", 0)})}), asked));
    CHECK_FALSE(parse_slots(list({list({number(0), number(1), text("a")})}), asked));
}
