#include <catch2/catch.hpp>
#include <map>

#include "integration/till/shop.hpp"
#include "net/task.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

struct Tried {
    std::string order, buyer;
    v1::OrderAnswer first, second;
};

/// One buyer who tries twice with the same order id, as after a lost answer.
net::Task<> try_twice(Shop& shop, std::size_t gateway, Tried& tried, std::size_t& done) {
    auto& checkout = shop.gateways[gateway]->checkout;
    tried.first = co_await checkout.place(AccountId(tried.buyer), shop.request(tried.order, tried.buyer, "box"));
    auto& other = shop.gateways[(gateway + 1) % shop.gateways.size()]->checkout;
    tried.second = co_await other.place(AccountId(tried.buyer), shop.request(tried.order, tried.buyer, "box"));
    ++done;
}

}  // namespace

TEST_CASE("100 boxes against 500 buyers over four gateways, each trying twice: exactly 100 are accepted", "[till]") {
    Shop shop(4);
    shop.add_stock("s1", 100);
    shop.add_offer("box", 9900, {{"s1", 1}}, 1);
    std::vector<Tried> tries(500);
    for (std::size_t i = 0; i < tries.size(); ++i) {
        tries[i].order = order_id(static_cast<std::int64_t>(i));
        tries[i].buyer = "b" + std::to_string(i);
        shop.add_buyer(tries[i].buyer);
    }
    shop.start();
    shop.open("box");

    std::size_t done = 0;
    for (std::size_t i = 0; i < tries.size(); ++i)
        net::spawn(shop.io.get_executor(), try_twice(shop, i % 4, tries[i], done), "buyer");
    REQUIRE(test::run_until(
        shop.io, [&] { return done == tries.size(); }, std::chrono::seconds(40)));

    std::int64_t accepted = 0;
    for (const auto& tried : tries) {
        REQUIRE(tried.first.outcome() == tried.second.outcome());
        REQUIRE(tried.first.outcome() != v1::OUTCOME_UNKNOWN);
        if (tried.first.outcome() == v1::OUTCOME_ACCEPTED) {
            ++accepted;
            REQUIRE(tried.first.SerializeAsString() == tried.second.SerializeAsString());
        } else {
            REQUIRE(tried.first.reason() == v1::REJECT_REASON_SOLD_OUT);
        }
    }
    REQUIRE(accepted == 100);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 100);
    REQUIRE(shop.number("SELECT committed FROM stocks") == 100);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "0");
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("every reason to refuse is told, and a refused purchase leaves no trace", "[till]") {
    Shop shop;
    shop.add_stock("s1", 5);
    shop.add_stock("s2", 1);
    shop.add_offer("one", 1000, {{"s1", 1}}, 2);
    shop.add_offer("both", 2500, {{"s1", 2}, {"s2", 1}});
    shop.add_offer("later", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.add_buyer("b2");
    shop.start();
    shop.open("one");
    shop.open("both");

    REQUIRE(shop.place(order_id(1), "b1", "later").reason() == v1::REJECT_REASON_NOT_OPEN);
    REQUIRE(shop.place(order_id(2), "b1", "none").reason() == v1::REJECT_REASON_NO_OFFER);
    REQUIRE(shop.place(order_id(3), "b1", "one", 0).reason() == v1::REJECT_REASON_BAD_QUANTITY);
    REQUIRE(shop.place(order_id(4), "b1", "one", 100).reason() == v1::REJECT_REASON_BAD_QUANTITY);
    REQUIRE(shop.place(order_id(5), "b1", "one", 3).reason() == v1::REJECT_REASON_LIMIT);
    REQUIRE(shop.place(order_id(6), "b2", "both", 2).reason() == v1::REJECT_REASON_SOLD_OUT);
    auto others_address = shop.request(order_id(7), "b1", "one");
    others_address.set_address_id("a-b2");
    REQUIRE(shop.run(shop.gateways[0]->checkout.place(AccountId("b1"), others_address)).reason() ==
            v1::REJECT_REASON_NO_ADDRESS);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "5");
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s2"}).text == "1");
    REQUIRE(shop.command({"EXISTS", "{sshow1}:limit:one", "{sshow1}:limit:both", "{sshow1}:holds"}).integer == 0);

    const auto accepted = shop.place(order_id(8), "b1", "one", 2);
    REQUIRE(accepted.outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(accepted.amount_fen() == 2000);
    REQUIRE(accepted.left() == 3);
    REQUIRE(shop.place(order_id(8), "b1", "one", 1).reason() == v1::REJECT_REASON_CONFLICT);
    REQUIRE(shop.place(order_id(8), "b2", "one", 2).reason() == v1::REJECT_REASON_CONFLICT);
    REQUIRE(shop.run(shop.gateways[0]->sales.close_offer(shop.show, OfferId("one"))).has_value());
    REQUIRE(shop.place(order_id(9), "b2", "one").reason() == v1::REJECT_REASON_CLOSED);
    REQUIRE(shop.place(order_id(8), "b1", "one", 2).SerializeAsString() == accepted.SerializeAsString());
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("an id that was refused stays refused, at every gateway, when the reason has gone", "[till]") {
    Shop shop(2);
    shop.add_stock("s1", 5);
    shop.add_offer("box", 1000, {{"s1", 1}}, 4);
    for (const auto* buyer : {"b1", "b2", "b3"}) shop.add_buyer(buyer);
    shop.start();
    const auto refuse = [&](int order, const std::string& buyer, int quantity) {
        const auto answer = shop.place(order_id(order), buyer, "box", quantity);
        REQUIRE(answer.outcome() == v1::OUTCOME_REJECTED);
        return answer;
    };
    shop.open("box");
    REQUIRE(shop.run(shop.gateways[0]->sales.close_offer(shop.show, OfferId("box"))).has_value());
    const auto closed = refuse(1, "b1", 1);
    shop.open("box");
    REQUIRE(shop.place(order_id(2), "b1", "box", 4).outcome() == v1::OUTCOME_ACCEPTED);
    const auto over_limit = refuse(3, "b1", 1);
    const auto sold_out = refuse(4, "b2", 2);
    REQUIRE(sold_out.left() == 1);
    REQUIRE(shop.cancel(order_id(2), "b1").outcome() == v1::OUTCOME_ACCEPTED);

    const auto ask_again = [&](std::size_t gateway, int order, const std::string& buyer, int quantity) {
        return shop.run(shop.gateways[gateway]->checkout.place(AccountId(buyer), shop.request(order_id(order), buyer, "box", quantity)));
    };
    for (const std::size_t gateway : {0, 1}) {
        CHECK(ask_again(gateway, 1, "b1", 1).SerializeAsString() == closed.SerializeAsString());
        CHECK(ask_again(gateway, 3, "b1", 1).SerializeAsString() == over_limit.SerializeAsString());
        CHECK(ask_again(gateway, 4, "b2", 2).SerializeAsString() == sold_out.SerializeAsString());
        CHECK(ask_again(gateway, 4, "b2", 1).reason() == v1::REJECT_REASON_CONFLICT);
        CHECK(ask_again(gateway, 4, "b3", 2).reason() == v1::REJECT_REASON_CONFLICT);
    }
    // Nobody can end or pay what was never an order; and the buyer may try anew.
    CHECK(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_REJECTED);
    CHECK(shop.place(order_id(5), "b1", "box", 4).outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.command({"PTTL", "{sshow1}:order:" + order_id(1)}).integer > 0);
    CHECK(shop.command({"PTTL", "{sshow1}:order:" + order_id(5)}).integer == -1);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a bundle takes all components or none, and its money is split by county to the fen", "[till]") {
    Shop shop;
    shop.add_stock("tea", 10, "431227", 500);
    shop.add_stock("rice", 4, "610924", 2500);
    shop.add_offer("gift", 10001, {{"tea", 1}, {"rice", 2}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("gift");

    REQUIRE(shop.place(order_id(1), "b1", "gift", 2).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place(order_id(2), "b1", "gift", 1).reason() == v1::REJECT_REASON_SOLD_OUT);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:tea"}).text == "8");
    REQUIRE(shop.number("SELECT sum(amount_fen) FROM order_lines") == 20002);
    REQUIRE(shop.number("SELECT amount_fen FROM order_lines WHERE stock_id = 'tea'") == 10000);
    REQUIRE(shop.number("SELECT amount_fen FROM order_lines WHERE stock_id = 'rice'") == 10002);
    REQUIRE(shop.number("SELECT weight_g FROM order_lines WHERE stock_id = 'rice'") == 10000);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a bundle that names one stock twice is checked against the sum of both", "[till]") {
    Shop shop;
    shop.add_stock("s1", 5);
    shop.add_offer("twice", 1000, {{"s1", 3}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("twice");
    // The ledger's schema refuses such an offer, so the till is told directly.
    shop.command({"HSET", "{sshow1}:offer:twice", "lines", "s1:3,s1:3"});
    REQUIRE(shop.place(order_id(1), "b1", "twice").reason() == v1::REJECT_REASON_SOLD_OUT);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "5");
    shop.command({"HSET", "{sshow1}:offer:twice", "lines", "s1:2,s1:3"});
    shop.sold_out.on_left(OfferId("twice"), 1);
    REQUIRE(shop.place(order_id(2), "b1", "twice").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "0");
    shop.settle();
    REQUIRE(shop.number("SELECT committed FROM stocks") == 5);
}

TEST_CASE("cancelling twice, or cancelling what has expired, gives the stock back once", "[till]") {
    Shop shop;
    shop.add_stock("s1", 3);
    shop.add_offer("box", 1000, {{"s1", 1}}, 3);
    shop.add_buyer("b1");
    shop.add_buyer("b2");
    shop.start();
    shop.open("box");
    REQUIRE(shop.place(order_id(1), "b1", "box", 3).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place(order_id(2), "b2", "box").reason() == v1::REJECT_REASON_SOLD_OUT);
    REQUIRE(shop.cancel(order_id(1), "b2").outcome() == v1::OUTCOME_REJECTED);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "3");
    REQUIRE(shop.number("SELECT committed FROM stocks") == 0);
    shop.sold_out.on_left(OfferId("box"), 3);
    REQUIRE(shop.place(order_id(3), "b2", "box", 2).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place(order_id(4), "b1", "box", 1).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("unpaid orders expire by Redis' clock, not before, and a sweeper that was away catches up", "[till]") {
    Shop shop;
    shop.add_stock("s1", 300);
    shop.add_offer("box", 1000, {{"s1", 1}}, 99, 200);
    shop.add_offer("slow", 1000, {{"s1", 1}}, 99, 600'000);
    shop.add_buyer("b1");
    for (int i = 0; i < 250; ++i) shop.add_buyer("c" + std::to_string(i));
    shop.start();
    shop.open("box");
    shop.open("slow");
    REQUIRE(shop.place(order_id(1000), "b1", "slow", 5).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.run(shop.side->till.expire(shop.show, OrderId(order_id(1000))))->kind ==
            commerce::Release::Kind::not_due);
    for (int i = 0; i < 250; ++i)
        REQUIRE(shop.place(order_id(i), "c" + std::to_string(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    shop.side->sweeper.start();
    REQUIRE(test::run_until(
        shop.io, [&] { return shop.number("SELECT count(*) FROM orders WHERE state = 3") == 250; },
        std::chrono::seconds(30)));
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "295");
    REQUIRE(shop.number("SELECT committed FROM stocks") == 5);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("holds that a silent provider keeps do not keep those behind them", "[till]") {
    Shop shop;
    shop.add_stock("s1", 300);
    shop.add_offer("box", 1000, {{"s1", 1}}, 99, 1);
    for (const auto* buyer : {"b1", "b2"}) shop.add_buyer(buyer);
    shop.start();
    shop.open("box");
    for (int i = 0; i < 150; ++i) REQUIRE(shop.decide(order_id(i), i % 2 == 0 ? "b1" : "b2", "box")->kind == commerce::Decision::Kind::accepted);
    shop.settle();
    shop.side->sweeper.before_expiry([](std::vector<OrderId> orders) -> net::Task<std::vector<OrderId>> {
        std::erase_if(orders, [](const auto& order) { return order < OrderId(order_id(120)); });
        co_return orders;
    });
    REQUIRE(test::run_until(shop.io, [&] { return shop.run(shop.side->till.due(shop.show, 100, 149)).value().size() == 1; }));
    CHECK(shop.run(shop.side->sweeper.sweep(shop.show)).value() == 30);
    shop.settle();
    CHECK(shop.number("SELECT count(*) FROM orders WHERE state = 3") == 30);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a rehearsal sells nothing, and a show that was never started says so", "[till]") {
    Shop shop;
    shop.add_stock("s1", 3);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    auto elsewhere = shop.request(order_id(1), "b1", "box");
    elsewhere.set_show_id("nowhere");
    REQUIRE(test::run_until(shop.io, [&] { return shop.gateways[0]->client.is_connected(); }));
    REQUIRE(shop.run(shop.gateways[0]->checkout.place(AccountId("b1"), elsewhere)).reason() ==
            v1::REJECT_REASON_NO_OFFER);
    shop.start();
    shop.open("box");
    shop.command({"HSET", "{sshow1}:till", "practice", "1"});
    REQUIRE(shop.place(order_id(2), "b1", "box").reason() == v1::REJECT_REASON_PRACTICE);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 0);
}
