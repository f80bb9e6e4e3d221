#include <catch2/catch.hpp>
#include <future>

#include "integration/till/shop.hpp"
#include "net/task.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using test::order_id;
using test::Shop;

namespace {

/// An offer of which everything is sold to b0; the book knows.
struct SoldOut {
    SoldOut() {
        shop.add_stock("s1", 2);
        shop.add_offer("box", 1000, {{"s1", 1}}, 2);
        for (int i = 0; i < 40; ++i) shop.add_buyer("b" + std::to_string(i));
        shop.start();
        shop.open("box");
        accepted = shop.place(order_id(0), "b0", "box", 2);
        REQUIRE(accepted.outcome() == v1::OUTCOME_ACCEPTED);
        enter_the_book();
    }
    void enter_the_book() {
        REQUIRE(shop.place(order_id(next++), "b39", "box").reason() == v1::REJECT_REASON_SOLD_OUT);
        // What the book lacks is read behind the answer.
        REQUIRE(test::run_until(shop.io, [&] { return shop.sold_out.is_sold_out(shop.purchase(order_id(next++), "b39", "box")); }));
    }

    Shop shop;
    v1::OrderAnswer accepted;
    std::int64_t next = 1000;
};

}  // namespace

TEST_CASE("fresh orders on a sold-out offer are answered while Redis and the ledger answer nothing", "[till]") {
    SoldOut sale;
    Shop& shop = sale.shop;
    std::promise<void> go_on;
    std::promise<void> holds;
    auto hold_up = [&, waits = go_on.get_future().share()](ledger::Database&) -> Result<> {
        holds.set_value();
        waits.wait();
        return {};
    };
    net::spawn(shop.io.get_executor(), [](ledger::Ledger& ledger, std::function<Result<>(ledger::Database&)> work) -> net::Task<> {
        (void)co_await ledger.read(std::move(work));
    }(*shop.ledger, hold_up), "a long read");
    REQUIRE(test::run_until(shop.io, [held = holds.get_future().share()] { return held.wait_for(0s) == std::future_status::ready; }));
    shop.redis.pause();
    for (int i = 0; i < 30; ++i) {
        // Buyers whose address nobody has looked up yet.
        const auto answer = shop.place(order_id(i + 1), "b" + std::to_string(i + 2), "box");
        REQUIRE(answer.outcome() == v1::OUTCOME_REJECTED);
        REQUIRE(answer.reason() == v1::REJECT_REASON_SOLD_OUT);
        REQUIRE(answer.left() == 0);
    }
    shop.redis.resume();
    go_on.set_value();
}

TEST_CASE("on a sold-out offer an accepted id keeps its answer, and another body of it is a conflict", "[till]") {
    SoldOut sale;
    Shop& shop = sale.shop;
    REQUIRE(shop.place(order_id(0), "b0", "box", 2).SerializeAsString() == sale.accepted.SerializeAsString());
    REQUIRE(shop.place(order_id(0), "b0", "box", 1).reason() == v1::REJECT_REASON_CONFLICT);
    REQUIRE(shop.place(order_id(0), "b1", "box", 2).reason() == v1::REJECT_REASON_CONFLICT);
}

TEST_CASE("new stock reopens a sold-out offer at once, and at the next look when nobody tells", "[till]") {
    SoldOut sale;
    Shop& shop = sale.shop;
    REQUIRE(shop.cancel(order_id(0), "b0").outcome() == v1::OUTCOME_ACCEPTED);
    shop.sold_out.on_left(OfferId("box"), 2);
    REQUIRE(shop.place(order_id(1), "b1", "box", 2).outcome() == v1::OUTCOME_ACCEPTED);
    // The ids of an offer that comes and goes are not read at once again.
    shop.sold_out_clock.advance(5s);
    sale.enter_the_book();
    REQUIRE(shop.place(order_id(2), "b2", "box").reason() == v1::REJECT_REASON_SOLD_OUT);

    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    shop.sold_out_clock.advance(1s);
    REQUIRE(shop.place(order_id(3), "b3", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("too few for three is not sold out for one", "[till]") {
    Shop shop;
    shop.add_stock("s1", 2);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    const auto refused = shop.place(order_id(1), "b1", "box", 3);
    REQUIRE(refused.reason() == v1::REJECT_REASON_SOLD_OUT);
    REQUIRE(refused.left() == 2);
    REQUIRE(shop.place(order_id(2), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
}
