// Many of the same at once, over four gateways (rows F40 and F57 of docs/faults.md).
#include <catch2/catch.hpp>

#include "integration/till/shop.hpp"
#include "net/task.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

constexpr std::size_t gateways = 4, times = 100;

/// All at once, each at the next gateway, the first one at `gateway`.
std::vector<v1::OrderAnswer> place_at_once(Shop& shop, const std::string& buyer, const std::vector<v1::PlaceOrder>& requests, std::size_t gateway = 0) {
    std::vector<v1::OrderAnswer> answers(requests.size());
    std::size_t done = 0;
    for (std::size_t i = 0; i < requests.size(); ++i)
        net::spawn(shop.io.get_executor(), insist(shop, (gateway + i) % gateways, buyer, requests[i], answers[i], done), "buyer");
    REQUIRE(test::run_until(shop.io, [&] { return done == requests.size(); }, std::chrono::seconds(40)));
    return answers;
}

net::Task<> end_show(Shop& shop, bool& ended) {
    const Result<> closed = co_await shop.gateways[0]->sales.end_show(shop.show);
    ended = closed.has_value();
}

}  // namespace

TEST_CASE("one order id sent a hundred times at once over four gateways is one order with a hundred equal answers", "[till][F40]") {
    Shop shop(gateways);
    shop.add_stock("s1", 10);
    shop.add_offer("box", 9900, {{"s1", 1}}, 5);
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    const auto answers = place_at_once(shop, "b1", std::vector(times, shop.request(order_id(1), "b1", "box", 2)));
    REQUIRE(answers.front().outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(answers.front().amount_fen() == 19'800);
    for (const auto& answer : answers) REQUIRE(answer.SerializeAsString() == answers.front().SerializeAsString());
    CHECK(shop.place(order_id(1), "b1", "box", 1).reason() == v1::REJECT_REASON_CONFLICT);
    CHECK(shop.number("SELECT count(*) FROM orders") == 1);
    CHECK(shop.number("SELECT committed FROM stocks") == 2);
    CHECK(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "8");
    CHECK(shop.command({"HGET", "{sshow1}:limit:box", "b1"}).text == "2");
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a hundred new ids of one buyer at once get no more than the limit, and each id keeps its answer", "[till][F40]") {
    Shop shop(gateways);
    shop.add_stock("s1", 1000);
    shop.add_offer("box", 100, {{"s1", 1}}, 7);
    for (const auto* buyer : {"b1", "b2"}) shop.add_buyer(buyer);
    shop.start();
    shop.open("box");
    std::vector<v1::PlaceOrder> requests;
    for (std::size_t i = 0; i < times; ++i) requests.push_back(shop.request(order_id(static_cast<std::int64_t>(i)), "b1", "box", 2));
    const auto answers = place_at_once(shop, "b1", requests);
    int accepted = 0;
    for (const auto& answer : answers) {
        if (answer.outcome() == v1::OUTCOME_ACCEPTED) ++accepted;
        else REQUIRE(answer.reason() == v1::REJECT_REASON_LIMIT);
    }
    CHECK(accepted == 3);  // two boxes each, of seven
    const auto again = place_at_once(shop, "b1", requests, 1);
    for (std::size_t i = 0; i < times; ++i) REQUIRE(again[i].SerializeAsString() == answers[i].SerializeAsString());
    CHECK(shop.number("SELECT committed FROM stocks") == 6);
    // The seventh box, and no eighth; nobody else is barred.
    CHECK(shop.place(order_id(200), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.place(order_id(201), "b1", "box").reason() == v1::REJECT_REASON_LIMIT);
    CHECK(shop.place(order_id(202), "b2", "box", 7).outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT count(*) FROM orders") == 5);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("a show that ends under the buyers' hands keeps what it has accepted, and closes for the others", "[till][F57]") {
    Shop shop(gateways);
    constexpr std::size_t buyers = 80;
    shop.add_stock("s1", 1000);
    shop.add_offer("box", 1000, {{"s1", 1}});
    for (std::size_t i = 0; i < buyers; ++i) shop.add_buyer("b" + std::to_string(i));
    shop.start();
    shop.open("box");
    std::vector<v1::OrderAnswer> answers(buyers);
    std::size_t done = 0;
    bool ended = false;
    const auto request_of = [&](std::size_t i) { return shop.request(order_id(static_cast<std::int64_t>(i)), "b" + std::to_string(i), "box"); };
    for (std::size_t i = 0; i < buyers; ++i) {
        net::spawn(shop.io.get_executor(), insist(shop, i % gateways, "b" + std::to_string(i), request_of(i), answers[i], done), "buyer");
        if (i > buyers / 2) {
            // One after the other, some before the show has ended and some after.
            shop.io.restart();
            shop.io.run_for(std::chrono::milliseconds(1));
        }
        if (i != buyers / 2) continue;
        REQUIRE(test::run_until(shop.io, [&] { return done >= 10; }));
        shop.write("UPDATE shows SET state = 3", {});
        net::spawn(shop.io.get_executor(), end_show(shop, ended), "host");
    }
    REQUIRE(test::run_until(shop.io, [&] { return done == buyers && ended; }, std::chrono::seconds(40)));
    std::int64_t accepted = 0;
    for (std::size_t i = 0; i < buyers; ++i) {
        const auto again = shop.run(shop.gateways[(i + 1) % gateways]->checkout.place(AccountId("b" + std::to_string(i)), request_of(i)));
        REQUIRE(again.SerializeAsString() == answers[i].SerializeAsString());
        if (answers[i].outcome() == v1::OUTCOME_ACCEPTED) {
            ++accepted;
            REQUIRE(answers[i].amount_fen() == 1000);
        } else {
            REQUIRE(answers[i].reason() == v1::REJECT_REASON_CLOSED);
        }
    }
    CHECK(accepted >= 10);
    CHECK(shop.place(order_id(1000), "b0", "box").reason() == v1::REJECT_REASON_CLOSED);
    CHECK(shop.number("SELECT count(*) FROM orders WHERE state = 1 AND amount_fen = 1000") == accepted);
    CHECK(shop.number("SELECT committed FROM stocks") == accepted);
    // What it has not sold is no longer its own.
    const auto given_back = [&] {
        return shop.number("SELECT count(*) FROM allocation_changes WHERE state < 3") == 0 && shop.number("SELECT total FROM stocks") == accepted;
    };
    CHECK(test::run_until(shop.io, given_back));
    CHECK(shop.reconcile() == "");
}
