// An offer in the ledger and in the till.
#include <catch2/catch.hpp>

#include "integration/till/shop.hpp"
#include "ledger/catalog.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

TEST_CASE("an offer that was changed or closed when nobody could tell the till is so there soon after", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    // As a gateway that dies behind its commit leaves them.
    const auto in_till = [&](const char* field) { return shop.command({"HGET", "{sshow1}:offer:box", field}).text; };
    shop.write("UPDATE offers SET price_fen = 90, version = version + 1 WHERE id = 'box'", {});
    REQUIRE(test::run_until(shop.io, [&] { return in_till("price") == "90"; }));
    CHECK(shop.place(order_id(2), "b1", "box").amount_fen() == 90);
    const auto closed = shop.ledger->write_blocking(
        [](ledger::Database& db) { return ledger::set_offer_state(db, OfferId("box"), v1::OFFER_STATE_CLOSED, 0, 0); });
    REQUIRE(closed.has_value());
    REQUIRE(test::run_until(shop.io, [&] { return in_till("state") == "closed"; }));
    CHECK(shop.place(order_id(3), "b1", "box").reason() == v1::REJECT_REASON_CLOSED);
    CHECK(shop.reconcile() == "");
}
