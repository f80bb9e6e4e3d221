// What buyers and sellers of other shops complained about; docs/faults.md has the list.
#include <catch2/catch.hpp>

#include "integration/till/shop.hpp"
#include "net/task.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

net::Task<> place_into(Shop& shop, std::size_t gateway, std::string order, std::string buyer, std::string offer, v1::OrderAnswer& answer, std::size_t& done) {
    answer = co_await shop.gateways[gateway]->checkout.place(AccountId(buyer), shop.request(order, buyer, offer));
    ++done;
}

net::Task<> run_for_ever(redis::Client& client, bool& ended) {
    redis::Client::Command script{"EVAL", "while true do end", "0"};
    (void)co_await client.call(std::move(script), std::chrono::seconds(20));
    ended = true;
}

}  // namespace

TEST_CASE("a bundle's lines in any order take the same stocks, and neither order of lines waits for the other", "[till]") {
    Shop shop(2);
    shop.add_stock("s1", 20);
    shop.add_stock("s2", 20);
    shop.add_offer("ab", 100, {{"s1", 1}, {"s2", 1}});
    shop.add_offer("ba", 100, {{"s2", 1}, {"s1", 1}});
    constexpr std::size_t buyers = 60;
    for (std::size_t i = 0; i < buyers; ++i) shop.add_buyer("b" + std::to_string(i));
    shop.start();
    shop.open("ab");
    shop.open("ba");
    std::vector<v1::OrderAnswer> answers(buyers);
    std::size_t done = 0;
    for (std::size_t i = 0; i < buyers; ++i)
        net::spawn(shop.io.get_executor(),
                   place_into(shop, i % 2, order_id(static_cast<std::int64_t>(i)), "b" + std::to_string(i), i % 3 == 0 ? "ab" : "ba", answers[i], done), "buyer");
    REQUIRE(test::run_until(shop.io, [&] { return done == buyers; }));
    std::int64_t accepted = 0;
    for (const auto& answer : answers) accepted += answer.outcome() == v1::OUTCOME_ACCEPTED ? 1 : 0;
    CHECK(accepted == 20);
    CHECK(shop.number("SELECT sum(committed) FROM stocks") == 40);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("one buyer's unpaid orders hold no more than the limit, do not bar others, and come back by themselves", "[till]") {
    Shop shop;
    shop.add_stock("s1", 5);
    shop.add_offer("box", 100, {{"s1", 1}}, 3, 400);
    for (const auto* buyer : {"b1", "b2"}) shop.add_buyer(buyer);
    shop.start();
    shop.open("box");
    for (int i = 0; i < 3; ++i) REQUIRE(shop.place(order_id(i), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.place(order_id(3), "b1", "box").reason() == v1::REJECT_REASON_LIMIT);
    CHECK(shop.place(order_id(4), "b2", "box").left() == 1);
    const auto sold_before = shop.number("SELECT committed FROM stocks");
    CHECK(sold_before == 4);
    // Nobody pays; nobody cancels.
    shop.side->sweeper.start();
    const auto come_back = [&] { return shop.number("SELECT committed FROM stocks") == 0; };
    REQUIRE(test::run_until(shop.io, come_back));
    CHECK(shop.number("SELECT count(*) FROM orders WHERE state = 3") == 4);
    CHECK(shop.place(order_id(5), "b1", "box", 3).outcome() == v1::OUTCOME_ACCEPTED);
}

TEST_CASE("functions that somebody has deleted from Redis are loaded again, and the order is asked for again", "[till]") {
    Shop shop;
    shop.add_stock("s1", 2);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    shop.command({"FUNCTION", "FLUSH"});
    CHECK(shop.place(order_id(2), "b1", "box").outcome() == v1::OUTCOME_UNKNOWN);
    CHECK(shop.place_finally(order_id(2), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT count(*) FROM orders") == 2);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a Redis that is busy with a script refuses, and the order is asked for again", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    shop.command({"CONFIG", "SET", "busy-reply-threshold", "20"});
    redis::Client other(shop.io.get_executor(), shop.redis.options());
    other.start();
    bool ended = false;
    net::spawn(shop.io.get_executor(), run_for_ever(other, ended), "script");
    shop.io.restart();
    shop.io.run_for(std::chrono::milliseconds(200));
    REQUIRE_FALSE(ended);
    CHECK(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_UNKNOWN);
    shop.command({"SCRIPT", "KILL"});
    CHECK(shop.place_finally(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT count(*) FROM orders") == 1);
    REQUIRE(test::run_until(shop.io, [&] { return ended; }));
    other.stop();
    CHECK(shop.reconcile() == "");
}
