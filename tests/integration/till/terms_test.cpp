#include <catch2/catch.hpp>

#include "commerce/refund_desk.hpp"
#include "integration/till/shop.hpp"
#include "ledger/allocations.hpp"
#include "ledger/catalog.hpp"
#include "ledger/offer_terms.hpp"
#include "ledger/refunds.hpp"
#include "net/task.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

constexpr std::int64_t day = 86'400'000;

/// Changes an offer's terms (and what else `change` wants) and tells the till.
template <class F>
void change_offer(Shop& shop, const std::string& id, F change) {
    auto offer = shop.ledger->write_blocking([&](ledger::Database& db) { return ledger::find_offer(db, OfferId(id)); });
    REQUIRE(offer.has_value());
    change(*offer);
    REQUIRE(shop.run(shop.gateways[0]->sales.change_offer(*offer, AccountId("host"))).has_value());
}

void lease(Shop& shop, std::int64_t fen, const std::string& id = "l1") {
    if (shop.number("SELECT count(*) FROM funds") == 0)
        shop.write("INSERT INTO funds (id, name, total_fen, created_ms) VALUES ('fund', '补贴', 1000000000, 0)", {});
    const auto leased = shop.run(
        shop.gateways[0]->sales.allocations().change({ledger::Allocation::of_fund(shop.show, "fund"), id, fen, "", ""}));
    REQUIRE(leased.has_value());
    REQUIRE(leased->refusal == ledger::ChangeAnswer::Refusal::none);
}

void subsidise(Shop& shop, const std::string& offer, std::int64_t fen) {
    change_offer(shop, offer, [&](v1::Offer& changed) {
        changed.mutable_terms()->set_fund_id("fund");
        changed.mutable_terms()->set_subsidy_fen(fen);
    });
}

std::string pool(Shop& shop) {
    return shop.command({"HGET", "{sshow1}:till", "pool:fund"}).text;
}

net::Task<> buy(Shop& shop, std::string order, std::string buyer, std::vector<v1::OrderAnswer>& answers) {
    const auto answer = co_await shop.gateways[answers.size() % 2]->checkout.place(AccountId(buyer), shop.request(order, buyer, "box"));
    answers.push_back(answer);
}

}  // namespace

TEST_CASE("a fund of ten million yuan is drawn to its last fen, and then nothing is sold at the subsidised price", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1'000'000);
    shop.add_offer("box", 300'000'001, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    lease(shop, 1'000'000'000);
    subsidise(shop, "box", 200'000'000);
    for (int i = 0; i < 5; ++i) {
        const auto answer = shop.place(order_id(i), "b1", "box");
        REQUIRE(answer.outcome() == v1::OUTCOME_ACCEPTED);
        CHECK(answer.amount_fen() == 100'000'001);
    }
    CHECK(pool(shop) == "0");
    const auto refused = shop.place(order_id(6), "b1", "box");
    CHECK(refused.reason() == v1::REJECT_REASON_FUND_EMPTY);
    CHECK_FALSE(refused.message_zh().empty());
    CHECK(shop.number("SELECT sum(subsidy_fen) FROM orders") == 1'000'000'000);
    CHECK(shop.number("SELECT spent_fen FROM fund_pools") == 1'000'000'000);
    CHECK(shop.number("SELECT sum(subsidy_fen) FROM order_lines") == 1'000'000'000);
    // What an unpaid order gives back can be drawn again, once.
    REQUIRE(shop.cancel(order_id(2), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.cancel(order_id(2), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(pool(shop) == "200000000");
    CHECK(shop.place(order_id(7), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT sum(CASE WHEN debit = 'fund_receivable' THEN amount_fen ELSE -amount_fen END) FROM entries WHERE "
                      "debit = 'fund_receivable' OR credit = 'fund_receivable'") == 1'000'000'000);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("one yuan left and two buyers: one gets it", "[till]") {
    Shop shop(2);
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.add_buyer("b2");
    shop.start();
    shop.open("box");
    lease(shop, 100);
    subsidise(shop, "box", 100);
    std::vector<v1::OrderAnswer> answers;
    net::spawn(shop.io.get_executor(), buy(shop, order_id(1), "b1", answers), "buyer");
    net::spawn(shop.io.get_executor(), buy(shop, order_id(2), "b2", answers), "buyer");
    REQUIRE(test::run_until(shop.io, [&] { return answers.size() == 2; }));
    const auto count = [&](v1::Outcome outcome) {
        return std::count_if(answers.begin(), answers.end(), [&](const auto& answer) { return answer.outcome() == outcome; });
    };
    CHECK(count(v1::OUTCOME_ACCEPTED) == 1);
    CHECK(count(v1::OUTCOME_REJECTED) == 1);
    CHECK(pool(shop) == "0");
    // The refused one leaves no trace in the stock, and can buy once the fund has more.
    CHECK(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "9");
    lease(shop, 100, "l2");
    const auto loser = answers[0].outcome() == v1::OUTCOME_REJECTED ? answers[0].order_id() : answers[1].order_id();
    CHECK(shop.place(order_id(3), loser == order_id(1) ? "b1" : "b2", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("paid after its hold ended an order draws its subsidy again, or its money goes back", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}}, 99, 100);
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    lease(shop, 100);
    subsidise(shop, "box", 100);
    const auto expire = [&](std::int64_t order) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (shop.run(shop.side->till.expire(shop.show, OrderId(order_id(order))))->kind != commerce::Release::Kind::released) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            shop.run(net::sleep_for(std::chrono::milliseconds(20)));
        }
        shop.settle();
    };
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    expire(1);
    CHECK(pool(shop) == "100");
    CHECK(shop.number("SELECT spent_fen FROM fund_pools") == 0);
    REQUIRE(shop.pay(order_id(1), 900, "p1", "e1") == 204);
    CHECK(pool(shop) == "0");
    CHECK(shop.number("SELECT spent_fen FROM fund_pools") == 100);
    CHECK(shop.number("SELECT count(*) FROM orders WHERE state = 2") == 1);
    CHECK(shop.number("SELECT sum(amount_fen) FROM entries WHERE credit = 'subsidies'") == 100);

    lease(shop, 100, "l2");
    REQUIRE(shop.place(order_id(2), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    expire(2);
    REQUIRE(shop.place(order_id(3), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);  // somebody else takes the money
    REQUIRE(shop.pay(order_id(2), 900, "p2", "e2") == 204);
    CHECK(shop.number("SELECT refund_due_fen FROM orders WHERE id = '" + order_id(2) + "'") == 900);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("the ledger has a cap of its own on a fund: what a lying till lets through is refused and given back", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    lease(shop, 100);
    subsidise(shop, "box", 100);
    shop.command({"HSET", "{sshow1}:till", "pool:fund", "200"});
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.place(order_id(2), "b1", "box").reason() == v1::REJECT_REASON_REFUSED);
    CHECK(shop.number("SELECT spent_fen FROM fund_pools") == 100);
    CHECK(shop.number("SELECT committed FROM stocks") == 1);
    REQUIRE(test::run_until(shop.io, [&] { return shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "9"; }));
    CHECK(pool(shop) == "0");  // the false yuan stays away
    CHECK(shop.reconcile() == "");
}

TEST_CASE("goods of a refund that go on sale again give their subsidy back to the fund, in the till and in the ledger, once", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    lease(shop, 300);
    subsidise(shop, "box", 100);
    REQUIRE(shop.place(order_id(1), "b1", "box", 3).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(1), 2700, "pay1", "event1") == 204);
    CHECK(pool(shop) == "0");
    commerce::OrderDesk orders{shop.gateways[0]->client, *shop.ledger};
    commerce::RefundDesk desk{shop.io.get_executor(), shop.gateways[0]->till, *shop.ledger, orders, system_clock(), std::chrono::seconds(1)};
    ledger::RefundWish wish{"r1", shop.show, OrderId(order_id(1)), 2, 0, "", AccountId("b2"), false, 100'000'000, 1};
    REQUIRE(shop.run(orders.wish_refund(std::move(wish))).has_value());
    for (int i = 0; i < 3; ++i) {
        REQUIRE(shop.run(desk.run_once()).has_value());
        shop.settle();
    }
    CHECK(pool(shop) == "200");
    CHECK(shop.number("SELECT spent_fen FROM fund_pools") == 100);
    CHECK(shop.number("SELECT sum(CASE WHEN credit = 'subsidies' THEN amount_fen ELSE -amount_fen END) FROM entries WHERE credit = 'subsidies' OR debit = 'subsidies'") == 100);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a rebuilt till has the fund, the terms and each order's version and subsidy as they were", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_stock("gift", 10);
    shop.add_offer("box", 1000, {{"s1", 2}, {"gift", 1}});
    shop.write("UPDATE offer_lines SET is_gift = 1, share_fen = 0 WHERE stock_id = 'gift'", {});
    shop.write("UPDATE offer_lines SET share_fen = 1000 WHERE stock_id = 's1'", {});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    lease(shop, 1000);
    change_offer(shop, "box", [](v1::Offer& offer) {
        offer.mutable_terms()->set_fund_id("fund");
        offer.mutable_terms()->set_subsidy_fen(100);
        offer.mutable_terms()->set_gift_rule(v1::GIFT_RULE_REFUSE);
    });
    REQUIRE(shop.place(order_id(1), "b1", "box", 2).outcome() == v1::OUTCOME_ACCEPTED);
    const auto before = shop.command({"GET", "{sshow1}:order:" + order_id(1)}).text;
    shop.settle();
    shop.command({"FLUSHALL"});
    shop.wait_until_open();
    CHECK(shop.command({"GET", "{sshow1}:order:" + order_id(1)}).text == before);
    CHECK(pool(shop) == "800");
    CHECK(shop.reconcile() == "");
    CHECK(shop.place(order_id(2), "b1", "box", 1).amount_fen() == 900);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(pool(shop) == "900");
    CHECK(shop.reconcile() == "");
}

TEST_CASE("the price is the lowest that holds: by quantity, or flash inside its window by Redis' clock", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1000);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    const auto add_tiers = [](v1::Offer& offer) {
        for (const auto& [from, price] : {std::pair{3, 900}, std::pair{10, 700}}) {
            auto* tier = offer.mutable_terms()->add_tiers();
            tier->set_from_quantity(from);
            tier->set_price_fen(price);
        }
    };
    change_offer(shop, "box", add_tiers);
    const auto amount = [&](std::int64_t id, std::int64_t quantity) { return shop.place(order_id(id), "b1", "box", quantity).amount_fen(); };
    CHECK(amount(1, 2) == 2000);
    CHECK(amount(2, 3) == 2700);
    CHECK(amount(3, 9) == 8100);
    CHECK(amount(4, 10) == 7000);
    const auto flash = [&](std::int64_t from_ms, std::int64_t until_ms) {
        change_offer(shop, "box", [&](v1::Offer& offer) {
            offer.mutable_terms()->set_flash_price_fen(800);
            offer.mutable_terms()->set_flash_from_ms(from_ms);
            offer.mutable_terms()->set_flash_until_ms(until_ms);
        });
    };
    const auto now_ms = system_clock().unix_ms();
    flash(now_ms - day, now_ms + day);
    CHECK(amount(5, 1) == 800);
    CHECK(amount(6, 10) == 7000);
    flash(now_ms - 2 * day, now_ms - day);
    CHECK(amount(7, 1) == 1000);
    flash(now_ms + day, now_ms + 2 * day);
    CHECK(amount(8, 1) == 1000);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("an offer with order days is sold on those alone, and its orders say when they are delivered", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    const auto now_ms = system_clock().unix_ms();
    const int today = static_cast<int>(((now_ms + day / 3) / day + 3) % 7) + 1;
    const auto only = [&](int order_day) {
        change_offer(shop, "box", [&](v1::Offer& offer) {
            offer.mutable_terms()->clear_order_days();
            offer.mutable_terms()->add_order_days(order_day);
            offer.mutable_terms()->clear_delivery_days();
            offer.mutable_terms()->add_delivery_days(today % 7 + 1);
            offer.mutable_terms()->set_ship_by_ms(1'800'000'000'000);
        });
    };
    only((today + 3) % 7 + 1);
    CHECK(shop.place(order_id(1), "b1", "box").reason() == v1::REJECT_REASON_WRONG_DAY);
    only(today);
    REQUIRE(shop.place(order_id(2), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto midnight = ((now_ms + day / 3) / day + 1) * day - day / 3;
    CHECK(shop.number("SELECT deliver_from_ms FROM orders") == midnight);
    CHECK(shop.number("SELECT deliver_until_ms FROM orders") == midnight + day);
    CHECK(shop.number("SELECT ship_by_ms FROM orders") == 1'800'000'000'000);
    // A change of the promise does not change an order's.
    only((today + 3) % 7 + 1);
    shop.settle();
    CHECK(shop.number("SELECT deliver_from_ms FROM orders") == midnight);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a gift goes with the purchase or, by the offer's rule, the purchase goes without and says so", "[till]") {
    Shop shop;
    shop.add_stock("tea", 10);
    shop.add_stock("cup", 3);
    shop.add_offer("box", 1000, {{"tea", 1}, {"cup", 1}});
    shop.write("UPDATE offer_lines SET is_gift = 1, share_fen = 0 WHERE stock_id = 'cup'", {});
    shop.write("UPDATE offer_lines SET share_fen = 1000 WHERE stock_id = 'tea'", {});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    change_offer(shop, "box", [](v1::Offer& offer) { offer.mutable_terms()->set_gift_rule(v1::GIFT_RULE_REFUSE); });
    const auto first = shop.place(order_id(1), "b1", "box", 2);
    CHECK(first.outcome() == v1::OUTCOME_ACCEPTED);
    CHECK_FALSE(first.without_gift());
    CHECK(first.left() == 8);  // of the goods
    CHECK(shop.place(order_id(2), "b1", "box", 2).reason() == v1::REJECT_REASON_GIFT_GONE);
    CHECK(shop.number("SELECT sum(amount_fen) FROM order_lines WHERE stock_id = 'cup'") == 0);
    CHECK(shop.number("SELECT units FROM order_lines WHERE stock_id = 'cup'") == 2);

    change_offer(shop, "box", [](v1::Offer& offer) { offer.mutable_terms()->set_gift_rule(v1::GIFT_RULE_SELL_WITHOUT); });
    const auto without = shop.place(order_id(3), "b1", "box", 2);
    CHECK(without.outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(without.without_gift());
    CHECK(shop.place(order_id(3), "b1", "box", 2).SerializeAsString() == without.SerializeAsString());
    CHECK(shop.number("SELECT without_gift FROM orders WHERE id = '" + order_id(3) + "'") == 1);
    CHECK(shop.number("SELECT count(*) FROM order_lines WHERE order_id = '" + order_id(3) + "'") == 1);
    CHECK_FALSE(shop.place(order_id(4), "b1", "box", 1).without_gift());  // the last cup
    // Whoever looks hears how many of the goods are left, though the gift has run out.
    shop.settle();
    CHECK(shop.side->commits.back().left.front().left == 5);
    CHECK(shop.run(shop.gateways[0]->sales.left_of(shop.show)).value().front().left == 5);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.command({"HGET", "{sshow1}:till", "left:cup"}).text == "2");
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a change of price that races with purchases never changes an accepted order, and an older one never comes last", "[till]") {
    Shop shop(2);
    shop.add_stock("s1", 1000);
    shop.add_offer("box", 1000, {{"s1", 1}});
    for (int i = 0; i < 40; ++i) shop.add_buyer("b" + std::to_string(i));
    shop.start();
    shop.open("box");
    std::vector<v1::OrderAnswer> answers;
    for (int i = 0; i < 40; ++i) {
        net::spawn(shop.io.get_executor(), buy(shop, order_id(i), "b" + std::to_string(i), answers), "buyer");
        if (i % 10 == 5) change_offer(shop, "box", [&](v1::Offer& offer) { offer.set_price_fen(1000 + i); });
    }
    REQUIRE(test::run_until(shop.io, [&] { return answers.size() == 40; }));
    shop.settle();
    for (const auto& answer : answers) {
        REQUIRE(answer.outcome() == v1::OUTCOME_ACCEPTED);
        const auto version = shop.number("SELECT offer_version FROM orders WHERE id = '" + answer.order_id() + "'");
        const auto page = shop.ledger->write_blocking([&](ledger::Database& db) { return ledger::find_page(db, OfferId("box"), version); });
        // Version 1 was made by the test's SQL and has no page.
        CHECK(answer.amount_fen() == (page ? page->price_fen() : 1000));
        CHECK(answer.amount_fen() == shop.number("SELECT amount_fen FROM orders WHERE id = '" + answer.order_id() + "'"));
    }
    const auto offer = shop.ledger->write_blocking([](ledger::Database& db) { return ledger::find_offer(db, OfferId("box")); });
    REQUIRE(shop.run(shop.gateways[0]->till.load_offer(shop.show, OfferId("box"), {"version", "2", "price", "1"}, {})).has_value());
    CHECK(shop.command({"HGET", "{sshow1}:offer:box", "price"}).text == std::to_string(offer->price_fen()));
    CHECK(shop.reconcile() == "");
}
