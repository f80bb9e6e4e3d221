// Redis forgets what it has decided before the ledger has it: a failover to a replica that is behind, a power cut, FLUSHALL.
#include <catch2/catch.hpp>

#include "integration/till/shop.hpp"
#include "net/task.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

net::Task<> place_into(Shop& shop, std::string order, std::string buyer, std::optional<v1::OrderAnswer>& answer) {
    answer = co_await shop.gateways[0]->checkout.place(AccountId(buyer), shop.request(order, buyer, "box"));
}

/// A sale without a projector, so that what Redis decides waits.
void open_without_ledger(Shop& shop) {
    shop.add_stock("s1", 5);
    shop.add_offer("box", 100, {{"s1", 1}});
    for (const auto* buyer : {"b0", "b1", "b2"}) shop.add_buyer(buyer);
    shop.start();
    shop.open("box");
    REQUIRE(shop.place(order_id(0), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    shop.stop_ledger_side();
}

std::int64_t entries(Shop& shop) { return shop.command({"XLEN", "{sshow1}:orders"}).integer; }

}  // namespace

TEST_CASE("an order that Redis forgot before the ledger had it is not called accepted, however many are committed after it", "[till]") {
    Shop shop;
    open_without_ledger(shop);
    std::optional<v1::OrderAnswer> answer;
    const auto before = entries(shop);
    net::spawn(shop.io.get_executor(), place_into(shop, order_id(1), "b1", answer), "buyer");
    REQUIRE(test::eventually([&] { return entries(shop) == before + 1; }));
    shop.command({"FLUSHALL"});
    shop.start_ledger_side();
    // The till is rebuilt, and another order is committed while the first buyer still waits.
    REQUIRE(shop.place_finally(order_id(2), "b2", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(test::run_until(shop.io, [&] { return answer.has_value(); }));
    CHECK(answer->outcome() == v1::OUTCOME_UNKNOWN);
    CHECK(shop.number("SELECT count(*) FROM orders") == 2);
    // Asked again it is decided anew, once.
    REQUIRE(shop.place_finally(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT count(*) FROM orders") == 3);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("entries of a server that the till was not rebuilt for never reach the ledger", "[till]") {
    Shop shop;
    shop.add_stock("s1", 5);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b0");
    shop.start();
    shop.open("box");
    REQUIRE(shop.place(order_id(0), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    shop.settle();
    shop.stop_keeper();
    // By the ledger's word the till is at another server now: the one we read is an old primary.
    REQUIRE(shop.ledger->write_blocking([](ledger::Database& database) { return database.execute("UPDATE tills SET run_id = 'another', epoch = epoch + 1"); }).has_value());
    CHECK(shop.place(order_id(1), "b0", "box").outcome() == v1::OUTCOME_UNKNOWN);
    CHECK(shop.number("SELECT count(*) FROM orders") == 1);
    // Once it is rebuilt for this one, they do.
    shop.stop_ledger_side();
    shop.start_ledger_side();
    CHECK(shop.place_finally(order_id(1), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT count(*) FROM orders") == 2);
    // The ledger has the order, and says so, before the rest of the till is loaded.
    shop.wait_until_open();
    CHECK(shop.reconcile() == "");
}
