#include "ledger/order_text.hpp"
#include "ledger/stream_entry.hpp"

#include <catch2/catch.hpp>

#include "support/catch.hpp"

using namespace livefair;
using ledger::StreamEntry;

namespace {

redis::Reply text(std::string value) {
    redis::Reply reply;
    reply.kind = redis::Reply::Kind::text;
    reply.text = std::move(value);
    return reply;
}

redis::Reply array(std::vector<redis::Reply> items) {
    redis::Reply reply;
    reply.kind = redis::Reply::Kind::array;
    reply.items = std::move(items);
    return reply;
}

}  // namespace

TEST_CASE("an entry of one order is read whatever the order of its fields", "[ledger]") {
    for (const auto& fields :
         std::vector<std::vector<std::string>>{{"k", "paid", "o", "o1", "b", "facts", "l", "s1:4", "p", "p1"},
                                               {"p", "p1", "l", "s1:4", "o", "o1", "b", "facts", "k", "paid"}}) {
        const auto entry = StreamEntry::from_fields(ShowId("show1"), "5-1", fields);
        CHECK(entry.show == ShowId("show1"));
        CHECK(entry.id == "5-1");
        CHECK(entry.kind == "paid");
        CHECK(entry.left == "s1:4");
        REQUIRE(entry.orders.size() == 1);
        CHECK(entry.orders[0].id == "o1");
        CHECK(entry.orders[0].facts == "facts");
        CHECK(entry.field("p") == "p1");
        CHECK(entry.field("v").empty());
    }
}

TEST_CASE("an entry of many orders keeps their order, each with its own facts", "[ledger]") {
    const auto entry = StreamEntry::from_fields(
        ShowId("show1"), "5-1",
        {"k", "placed", "l", "s1:1", "o", "o1", "b", "f1", "o", "o2", "b", "f2", "o", "o1", "b", "f3"});
    REQUIRE(entry.orders.size() == 3);
    CHECK(entry.orders[0].id == "o1");
    CHECK(entry.orders[1].id == "o2");
    CHECK(entry.orders[1].facts == "f2");
    CHECK(entry.orders[2].id == "o1");
    CHECK(entry.orders[2].facts == "f3");
}

TEST_CASE("orders that share facts are read as if each had told them", "[ledger]") {
    const auto entry = StreamEntry::from_fields(ShowId("show1"), "5-1",
                                                {"k", "placed", "l", "s1:1", "s", "box|100|5|9|s1:1|v3", "n", "o1|b1|1|a1|100|7", "n", "o2|b2|2|a2|200|5", "s",
                                                 "tea|80|5|9|s2:1,$f1:20|v1", "n", "o3|b1|1|a1|80|0"});
    REQUIRE(entry.orders.size() == 3);
    CHECK(entry.orders[0].id == "o1");
    CHECK(entry.orders[0].facts == "reserved|b1|box|1|a1|100|100|5|9|7|s1:1|v3|||");
    CHECK(entry.orders[1].facts == "reserved|b2|box|2|a2|100|200|5|9|5|s1:1|v3|||");
    CHECK(entry.orders[2].id == "o3");
    const auto facts = ledger::OrderText::parse(entry.orders[2].facts);
    REQUIRE(facts.has_value());
    CHECK(facts->lines.size() == 2);
    CHECK(facts->text() == entry.orders[2].facts);
}

TEST_CASE("an order that tells too little, too much, or nothing of what it shares has an id and no facts", "[ledger]") {
    const std::string shared = "box|100|5|9|s1:1|v3", own = "o1|b1|1|a1|100|7";
    for (const auto& [all, its] : std::vector<std::pair<std::string, std::string>>{{"", own}, {"box|100|5|9|s1:1", own}, {shared + "|", own}, {shared, "o1|b1|1|a1|100"},
                                                                                   {shared, own + "|"}, {shared, "o1"}, {shared, "o1|"}}) {
        const auto entry = StreamEntry::from_fields(ShowId("show1"), "5-1", {"k", "placed", "s", all, "n", its});
        REQUIRE(entry.orders.size() == 1);
        CHECK(entry.orders[0].id == "o1");
        CHECK(entry.orders[0].facts.empty());
    }
    CHECK(StreamEntry::from_fields(ShowId("show1"), "5-1", {"n", own, "s", shared}).orders[0].facts.empty());
    CHECK(StreamEntry::from_fields(ShowId("show1"), "5-1", {"s", shared}).orders.size() == 1);
    CHECK(StreamEntry::from_fields(ShowId("show1"), "5-1", {"s", shared, "n"}).orders[0].id.empty());
}

TEST_CASE("an entry that lacks ids, facts or values has an order for each id and for each facts", "[ledger]") {
    const auto order_count = [](std::vector<std::string> fields) {
        return StreamEntry::from_fields(ShowId("show1"), "5-1", std::move(fields)).orders.size();
    };
    CHECK(order_count({}) == 1);
    CHECK(order_count({"k", "placed"}) == 1);
    CHECK(order_count({"k", "placed", "o", "o1", "o", "o2"}) == 2);
    CHECK(order_count({"k", "placed", "b", "f1", "b", "f2", "o", "o3"}) == 3);
    CHECK(order_count({"o", "o1", "b", "f1", "b", "f2"}) == 2);
    CHECK(order_count({"o", "o1", "b"}) == 1);
    const auto facts_first = StreamEntry::from_fields(ShowId("show1"), "5-1", {"b", "f1", "o", "o1"});
    CHECK(facts_first.orders[0].id.empty());
    CHECK(facts_first.orders[0].facts == "f1");
}

TEST_CASE("a reply is an entry when it is an id and a list", "[ledger]") {
    const auto entry = StreamEntry::from_reply(
        ShowId("show1"), array({text("5-1"), array({text("k"), text("opened"), text("o"), text("3")})}));
    REQUIRE(entry.has_value());
    CHECK(entry->id == "5-1");
    CHECK(entry->kind == "opened");
    CHECK(entry->orders[0].id == "3");
    CHECK_FALSE(StreamEntry::from_reply(ShowId("show1"), redis::Reply()).has_value());
    CHECK_FALSE(StreamEntry::from_reply(ShowId("show1"), array({text("5-1")})).has_value());
}
