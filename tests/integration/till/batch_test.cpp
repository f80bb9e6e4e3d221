#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <random>

#include "integration/till/shop.hpp"
#include "net/task.hpp"

using namespace livefair;
using commerce::Decision;
using commerce::Purchase;
using commerce::Refusal;
using test::order_id;
using test::Shop;

namespace {

/// Two tills of the same show "on" two Redis servers: one decides purchases in calls of many, the other one by one.
struct Pair {
    Shop together, alone;

    void each(const std::function<void(Shop&)>& work) {
        work(together);
        work(alone);
    }
};

void stock_up(Shop& shop) {
    shop.add_stock("s1", 60);
    shop.add_stock("s2", 25);
    shop.add_stock("s3", 9);
    shop.add_offer("single", 1000, {{"s1", 1}}, 4);
    shop.add_offer("double", 990, {{"s1", 2}}, 3);
    shop.add_offer("gift", 10001, {{"s1", 1}, {"s2", 1}, {"s3", 2}}, 5);
    shop.add_offer("other", 500, {{"s2", 3}}, 9);
    shop.add_offer("draft", 500, {{"s2", 1}}, 9);
    shop.add_offer("closed", 500, {{"s2", 1}}, 9);
    for (int i = 0; i < 8; ++i) shop.add_buyer("b" + std::to_string(i));
    shop.start();
    for (const auto* offer : {"single", "double", "gift", "other", "closed"}) shop.open(offer);
    REQUIRE(shop.run(shop.gateways[0]->sales.close_offer(shop.show, OfferId("closed"))).has_value());
}

/// What must be equal in both; ids and times of a stream are its own.
std::string text_of(const Decision& decision) {
    return std::to_string(static_cast<int>(decision.kind)) + " " + std::to_string(static_cast<int>(decision.refusal)) + " " +
           std::to_string(decision.amount_fen) + " left " + std::to_string(decision.left) + (decision.repeated ? " repeated" : "");
}

class RandomPurchases {
public:
    explicit RandomPurchases(std::uint64_t seed) : random_(seed) {}

    std::vector<Purchase> next(const Shop& shop) {
        std::vector<Purchase> purchases;
        const auto count = 1 + pick(pick(3) == 0 ? 128 : 12);
        for (int i = 0; i < count; ++i) purchases.push_back(one(shop));
        return purchases;
    }
    int pick(int bound) { return static_cast<int>(random_() % static_cast<std::uint64_t>(bound)); }
    std::string any_order() { return order_id(pick(last_ + 1)); }

private:
    Purchase one(const Shop& shop) {
        static const char* const offers[] = {"single", "double", "gift", "other", "single", "double", "draft", "closed", "none"};
        // A fresh id, one of before, or one of this very call; sometimes with another body.
        const auto order = pick(5) == 0 ? order_id(std::max(0, last_ - pick(6))) : order_id(++last_);
        if (const auto known = bodies_.find(order); known != bodies_.end() && pick(3) > 0) return known->second;
        const auto quantity = pick(20) == 0 ? (pick(2) == 0 ? 0 : 100) : 1 + pick(3);
        auto purchase = shop.purchase(order, "b" + std::to_string(pick(8)), offers[pick(9)], quantity);
        bodies_.insert_or_assign(order, purchase);
        return purchase;
    }

    std::mt19937_64 random_;
    int last_ = 0;
    std::map<std::string, Purchase> bodies_;
};

net::Task<> decide(commerce::PurchaseQueue& queue, Purchase purchase, std::size_t& accepted) {
    const auto decision = co_await queue.place(std::move(purchase));
    if (decision && decision->kind == Decision::Kind::accepted) ++accepted;
}

net::Task<> buy(commerce::Checkout& checkout, v1::PlaceOrder order, std::vector<v1::OrderAnswer>& answers) {
    auto answer = co_await checkout.place(AccountId("b1"), std::move(order));
    answers.push_back(std::move(answer));
}

/// All that the till keeps but for ids and times.
std::map<std::string, std::string> state_of(Shop& shop) {
    std::map<std::string, std::string> state;
    for (const auto* key : {"till", "limit:single", "limit:double", "limit:gift", "limit:other"}) {
        const auto hash = shop.command({"HGETALL", "{sshow1}:" + std::string(key)});
        for (std::size_t i = 0; i + 1 < hash.items.size(); i += 2)
            if (hash.items[i].text != "run_id" && hash.items[i].text != "epoch")
                state[std::string(key) + " " + hash.items[i].text] = hash.items[i + 1].text;
    }
    state["holds"] = std::to_string(shop.command({"ZCARD", "{sshow1}:holds"}).integer);
    return state;
}

std::vector<std::uint64_t> seeds() {
    if (const char* text = std::getenv("LIVEFAIR_SEED")) return {std::strtoull(text, nullptr, 10)};
    return {1, 2, std::random_device{}()};
}

}  // namespace

TEST_CASE("many purchases in one call are decided exactly as one call each in the same order", "[till]") {
    for (const auto seed : seeds()) {
        std::cout << "LIVEFAIR_SEED=" << seed << std::endl;
        INFO("LIVEFAIR_SEED=" << seed);
        Pair pair;
        pair.each(stock_up);
        RandomPurchases random(seed);
        std::map<std::string, int> seen;
        for (int round = 0; round < 40; ++round) {
            const auto purchases = random.next(pair.together);
            const auto together = pair.together.run(pair.together.gateways[0]->till.place(purchases));
            REQUIRE(together.has_value());
            REQUIRE(together->size() == purchases.size());
            for (std::size_t i = 0; i < purchases.size(); ++i) {
                INFO("round " << round << ", purchase " << i << " of " << purchases.size() << ": " << purchases[i].order.str());
                const auto alone = pair.alone.run(pair.alone.gateways[0]->till.place({purchases[i]}));
                REQUIRE(alone.has_value());
                REQUIRE(text_of((*together)[i]) == text_of(alone->front()));
                ++seen[text_of(alone->front()).substr(0, 4)];
            }
            REQUIRE(state_of(pair.together) == state_of(pair.alone));
            // Stock comes back now and then, or soon all is sold out.
            for (int i = 0; i < 12; ++i) {
                const auto order = random.any_order();
                const auto cancel = [&](Shop& shop) { REQUIRE(shop.run(shop.gateways[0]->till.cancel(shop.show, OrderId(order), AccountId())).has_value()); };
                pair.each(cancel);
            }
        }
        REQUIRE(seen.size() >= 7);  // the random purchases have met every kind of answer
        pair.together.settle();
        pair.alone.settle();
        REQUIRE(pair.together.reconcile() == "");
        REQUIRE(pair.alone.reconcile() == "");
        REQUIRE(pair.together.number("SELECT count(*) FROM orders") == pair.alone.number("SELECT count(*) FROM orders"));
        REQUIRE(pair.together.number("SELECT count(*) FROM anomalies") == 0);
    }
}

TEST_CASE("a repeated id inside one call gets the answer of the first, with its stream id", "[till]") {
    Shop shop;
    stock_up(shop);
    auto other_body = shop.purchase(order_id(1), "b2", "single");
    const std::vector<Purchase> purchases{shop.purchase(order_id(1), "b1", "single", 2), shop.purchase(order_id(1), "b1", "single", 2), other_body,
                                          shop.purchase(order_id(2), "b1", "single", 3), shop.purchase(order_id(3), "b2", "gift")};
    const auto decisions = shop.run(shop.gateways[0]->till.place(purchases));
    REQUIRE(decisions.has_value());
    const auto& first = (*decisions)[0];
    REQUIRE(first.kind == Decision::Kind::accepted);
    REQUIRE((*decisions)[1].repeated);
    REQUIRE((*decisions)[1].stream_id == first.stream_id);
    REQUIRE((*decisions)[1].left == 58);
    REQUIRE((*decisions)[2].refusal == Refusal::conflict);
    REQUIRE((*decisions)[3].refusal == Refusal::limit);
    REQUIRE((*decisions)[4].stream_id == first.stream_id);
    // One entry of the stream holds the whole call, and the ledger takes each of its orders.
    REQUIRE(shop.command({"XLEN", "{sshow1}:orders"}).integer == 2);
    shop.settle();
    REQUIRE(shop.number("SELECT count(*) FROM orders WHERE state = 1") == 2);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("sold out inside a call names that call as the offer's newest order", "[till]") {
    Shop shop;
    stock_up(shop);
    std::vector<Purchase> purchases;
    for (int i = 0; i < 6; ++i) purchases.push_back(shop.purchase(order_id(i), "b" + std::to_string(i), "gift"));
    const auto decisions = shop.run(shop.gateways[0]->till.place(purchases));
    REQUIRE(decisions.has_value());
    REQUIRE((*decisions)[3].left == 0);
    REQUIRE((*decisions)[4].refusal == Refusal::sold_out);
    // An accepted order's place names its epoch, too.
    REQUIRE((*decisions)[3].stream_id.starts_with((*decisions)[4].stream_id + "@"));
}

TEST_CASE("purchases of one moment share calls of at most 128, a lone one goes at once", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1000);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.add_buyer("b2");
    shop.start();
    shop.open("box");
    REQUIRE(shop.place(order_id(1000), "b1", "box", 10).outcome() == v1::OUTCOME_ACCEPTED);
    const auto calls_before = shop.command({"XLEN", "{sshow1}:orders"}).integer;

    commerce::PurchaseQueue queue(shop.gateways[0]->till, {});
    std::size_t accepted = 0;
    for (int i = 0; i < 150; ++i) net::spawn(shop.io.get_executor(), decide(queue, shop.purchase(order_id(i), i % 2 == 0 ? "b1" : "b2", "box"), accepted), "buyer");
    REQUIRE(test::run_until(shop.io, [&] { return accepted == 150; }));
    REQUIRE(shop.command({"XLEN", "{sshow1}:orders"}).integer - calls_before == 2);
    shop.settle();
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 151);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("more purchases than may wait are told to ask again later, and nothing of them happens", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1000);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    commerce::Checkout::Options options;
    options.queue.waiting_max = 70;
    commerce::Checkout checkout(shop.gateways[0]->till, shop.gateways[0]->watch, *shop.ledger, shop.sold_out, options);
    // The buyer's address is known then, so that those to come are asked for in one moment.
    REQUIRE(shop.run(checkout.place(AccountId("b1"), shop.request(order_id(1000), "b1", "box"))).outcome() == v1::OUTCOME_ACCEPTED);
    std::vector<v1::OrderAnswer> answers;
    for (int i = 0; i < 90; ++i) net::spawn(shop.io.get_executor(), buy(checkout, shop.request(order_id(i), "b1", "box"), answers), "buyer");
    REQUIRE(test::run_until(shop.io, [&] { return answers.size() == 90; }));
    const auto has_hint = [](const v1::OrderAnswer& answer) { return answer.outcome() == v1::OUTCOME_UNKNOWN && answer.retry_after_ms() > 0; };
    const auto is_accepted = [](const v1::OrderAnswer& answer) { return answer.outcome() == v1::OUTCOME_ACCEPTED; };
    REQUIRE(std::count_if(answers.begin(), answers.end(), is_accepted) == 70);
    REQUIRE(std::count_if(answers.begin(), answers.end(), has_hint) == 20);
    shop.settle();
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 71);
}
