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
