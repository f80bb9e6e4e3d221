#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "integration/till/shop.hpp"
#include "ledger/order_text.hpp"
#include "ledger/projection.hpp"
#include "net/task.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

void add_buyers(Shop& shop, int count) {
    for (int i = 0; i < count; ++i) shop.add_buyer("b" + std::to_string(i));
}

std::vector<ledger::StreamEntry> all_entries(Shop& shop) {
    const auto stream = shop.command({"XRANGE", "{sshow1}:orders", "-", "+"});
    std::vector<ledger::StreamEntry> entries;
    for (const auto& item : stream.items) {
        entries.push_back(ledger::StreamEntry::from_reply(shop.show, item).value());
    }
    return entries;
}

/// Keeps the ledger's writer until `go_on` is ready.
net::Task<> hold_up(ledger::Ledger& ledger, std::shared_future<void> go_on) {
    auto wait = [go_on](ledger::Database&) -> Result<> {
        go_on.wait();
        return {};
    };
    (void)co_await ledger.write(std::move(wait));
}

}  // namespace

TEST_CASE("relaxed answers don't wait for the ledger, which gets the order all the same", "[till]") {
    Shop shop;
    shop.add_stock("s1", 5);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    auto& gateway = *shop.gateways[0];
    commerce::Checkout relaxed(gateway.till, gateway.watch, *shop.ledger, shop.sold_out, {.is_relaxed = true, .queue = {}});
    shop.stop_ledger_side();
    const auto answer = shop.run(relaxed.place(AccountId("b1"), shop.request(order_id(1), "b1", "box")));
    CHECK(answer.outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT count(*) FROM orders") == 0);
    shop.start_ledger_side();
    shop.settle();
    CHECK(shop.number("SELECT count(*) FROM orders") == 1);
    CHECK(shop.place(order_id(1), "b1", "box").SerializeAsString() == answer.SerializeAsString());
}

TEST_CASE("Redis killed in the middle of a sale: every buyer gets one final answer and nothing is oversold", "[till]") {
    Shop shop(2);
    shop.add_stock("s1", 100);
    shop.add_offer("box", 100, {{"s1", 1}}, 1);
    add_buyers(shop, 200);
    shop.start();
    shop.open("box");
    std::vector<v1::OrderAnswer> answers(200);
    std::size_t done = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto buyer = "b" + std::to_string(i);
        net::spawn(shop.io.get_executor(),
                   insist(shop, i % 2, buyer, shop.request(order_id(static_cast<std::int64_t>(i)), buyer, "box"), answers[i], done), "buyer");
        if (i == 120) REQUIRE(test::run_until(shop.io, [&] { return done >= 20; }));
    }
    shop.redis.kill9();
    shop.io.restart();
    shop.io.run_for(std::chrono::milliseconds(100));
    shop.redis.restart();
    REQUIRE(test::run_until(
        shop.io, [&] { return done == answers.size(); }, std::chrono::seconds(40)));

    std::int64_t accepted = 0;
    for (const auto& answer : answers) {
        if (answer.outcome() == v1::OUTCOME_ACCEPTED)
            ++accepted;
        else
            REQUIRE(answer.reason() == v1::REJECT_REASON_SOLD_OUT);
    }
    REQUIRE(accepted == 100);
    REQUIRE(shop.number("SELECT count(*) FROM orders WHERE state = 1") == 100);
    // Buyers who came too late may have been answered before the till was open again.
    shop.wait_until_open();
    // A rebuild that Redis breaks off half-way leaves its epoch unused: the next one takes a higher one.
    REQUIRE(shop.number("SELECT epoch FROM tills") >= 2);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("what a server decides that is the primary no more is neither accepted nor rejected", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 100, {{"s1", 1}}, 2);
    add_buyers(shop, 2);
    shop.start();
    shop.open("box");
    // The keeper may be at it by itself.
    REQUIRE(test::run_until(shop.io, [&] { return shop.run(shop.side->keeper.rebuild(shop.show)).has_value(); }));
    REQUIRE(shop.place_finally(order_id(1), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    shop.stop_keeper();
    shop.stop_ledger_side();
    // As the till of before the rebuild was, which knows nothing of it.
    const auto epoch = shop.number("SELECT epoch FROM tills");
    shop.command({"HSET", "{sshow1}:till", "epoch", std::to_string(epoch - 1)});
    const auto decision = shop.decide(order_id(2), "b0", "box");
    REQUIRE(decision->kind == commerce::Decision::Kind::accepted);
    CHECK(decision->stream_id.ends_with("@" + std::to_string(epoch - 1)));
    // The true primary's orders are committed meanwhile, those of after this one too.
    shop.gateways[0]->watch.on_committed(shop.show, "9999999999999-0@" + std::to_string(epoch));
    CHECK(shop.place(order_id(2), "b0", "box").outcome() == v1::OUTCOME_UNKNOWN);
    CHECK(shop.place(order_id(3), "b1", "box").outcome() == v1::OUTCOME_UNKNOWN);
    CHECK(shop.place(order_id(4), "b0", "box").outcome() == v1::OUTCOME_UNKNOWN);
    CHECK(shop.cancel(order_id(3), "b1").outcome() == v1::OUTCOME_UNKNOWN);
    CHECK(shop.number("SELECT count(*) FROM orders") == 1);
}

TEST_CASE("a till is rebuilt for no server of an older failover than the ledger knows", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b0");
    shop.start();
    shop.open("box");
    const auto epoch = shop.number("SELECT epoch FROM tills");
    // Our Redis has no sentinels: it is the primary by no failover.
    shop.write("UPDATE tills SET failover = 1", {});
    CHECK(shop.run(shop.side->keeper.rebuild(shop.show)).error() == Errc::conflict);
    CHECK(shop.number("SELECT epoch FROM tills") == epoch);
    CHECK(shop.place(order_id(1), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    shop.write("UPDATE tills SET failover = 0", {});
    REQUIRE(test::run_until(shop.io, [&] { return shop.run(shop.side->keeper.rebuild(shop.show)).has_value(); }));
    CHECK(shop.number("SELECT epoch FROM tills") > epoch);
}

TEST_CASE("a Redis that lost its volume is rebuilt from the ledger, order ids, limits, holds and payments included",
          "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 100, {{"s1", 1}}, 2);
    add_buyers(shop, 5);
    shop.start();
    shop.open("box");
    const auto before = shop.place(order_id(1), "b1", "box", 2);
    REQUIRE(before.outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place(order_id(2), "b2", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place(order_id(3), "b3", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(2), 100, "pay2", "event2") == 204);
    REQUIRE(shop.cancel(order_id(3), "b3").outcome() == v1::OUTCOME_ACCEPTED);

    shop.redis.kill9();
    for (const auto& entry : std::filesystem::directory_iterator(shop.redis.folder().path()))
        std::filesystem::remove_all(entry.path());
    shop.redis.restart();
    shop.wait_until_open();

    REQUIRE(shop.place_finally(order_id(1), "b1", "box", 2).SerializeAsString() == before.SerializeAsString());
    REQUIRE(shop.place(order_id(1), "b1", "box", 1).reason() == v1::REJECT_REASON_CONFLICT);
    REQUIRE(shop.place(order_id(4), "b1", "box").reason() == v1::REJECT_REASON_LIMIT);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "7");
    REQUIRE(shop.command({"ZCARD", "{sshow1}:holds"}).integer == 1);
    REQUIRE(shop.pay(order_id(2), 100, "pay2", "event2-again") == 204);
    REQUIRE(shop.place(order_id(5), "b4", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.number("SELECT count(*) FROM orders WHERE state = 2") == 1);
    REQUIRE(shop.number("SELECT sum(refund_due_fen) FROM orders") == 0);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a Redis that somebody emptied is rebuilt without a restart", "[till]") {
    Shop shop;
    shop.add_stock("s1", 3);
    shop.add_offer("box", 100, {{"s1", 1}});
    add_buyers(shop, 2);
    shop.start();
    shop.open("box");
    REQUIRE(shop.place(order_id(1), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    shop.settle();
    shop.command({"FLUSHALL"});
    REQUIRE(shop.place_finally(order_id(2), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place_finally(order_id(1), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "1");
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("while Redis is silent the answer is unknown, and asking again with the same id settles it", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1);
    shop.add_offer("box", 100, {{"s1", 1}});
    add_buyers(shop, 2);
    shop.start();
    shop.open("box");
    shop.redis.pause();
    REQUIRE(shop.place(order_id(1), "b0", "box").outcome() == v1::OUTCOME_UNKNOWN);
    shop.redis.resume();
    REQUIRE(shop.place_finally(order_id(1), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 1);
    REQUIRE(shop.number("SELECT committed FROM stocks") == 1);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("without a projector nothing is accepted, and when it comes back the same ids are", "[till]") {
    Shop shop;
    shop.add_stock("s1", 5);
    shop.add_offer("box", 100, {{"s1", 1}});
    add_buyers(shop, 1);
    shop.start();
    shop.open("box");
    shop.stop_ledger_side();
    REQUIRE(shop.place(order_id(1), "b0", "box").outcome() == v1::OUTCOME_UNKNOWN);
    shop.start_ledger_side();
    REQUIRE(shop.place_finally(order_id(1), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 1);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("the ledger refuses what a lying till lets through, tells the buyer, and the till learns", "[till]") {
    Shop shop;
    shop.add_stock("s1", 2);
    shop.add_stock("s2", 9);
    shop.add_offer("box", 100, {{"s1", 1}, {"s2", 1}});
    add_buyers(shop, 5);
    shop.start();
    shop.open("box");
    shop.command({"HSET", "{sshow1}:till", "left:s1", "4"});
    std::multiset<int> outcomes;
    for (int i = 0; i < 5; ++i) {
        const auto answer = shop.place(order_id(i), "b" + std::to_string(i), "box");
        outcomes.insert(answer.outcome() == v1::OUTCOME_ACCEPTED ? 0 : static_cast<int>(answer.reason()));
    }
    REQUIRE(outcomes ==
            std::multiset<int>{0, 0, v1::REJECT_REASON_REFUSED, v1::REJECT_REASON_REFUSED, v1::REJECT_REASON_SOLD_OUT});
    REQUIRE(shop.place(order_id(3), "b3", "box").reason() == v1::REJECT_REASON_REFUSED);
    REQUIRE(shop.number("SELECT committed FROM stocks WHERE id = 's1'") == 2);
    REQUIRE(shop.number("SELECT count(*) FROM anomalies WHERE kind = 'over_cap'") == 2);
    REQUIRE(shop.command({"HGET", "{sshow1}:till", "left:s2"}).text == "7");
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("no till is opened on a Redis that evicts keys, nor with relaxed answers on one that answers before its disk has it", "[till]") {
    Shop shop;
    shop.add_stock("s1", 2);
    shop.add_offer("box", 100, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    shop.stop_keeper();
    const auto rebuild = [&] { return shop.run(shop.side->keeper.rebuild(shop.show)); };
    shop.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    CHECK(rebuild().error() == Errc::unsupported);
    shop.command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    CHECK(rebuild());
    commerce::TillKeeper relaxed(shop.io.get_executor(), shop.side->till, *shop.ledger, shop.side->projector, true);
    shop.command({"CONFIG", "SET", "appendfsync", "everysec"});
    CHECK(rebuild());
    CHECK(shop.run(relaxed.rebuild(shop.show)).error() == Errc::unsupported);
    shop.command({"CONFIG", "SET", "appendfsync", "always"});
    CHECK(shop.run(relaxed.rebuild(shop.show)));
    CHECK(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("goods of a refused order go on sale again when the till could not be written to at first", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1);
    shop.add_stock("s2", 9);
    shop.add_offer("box", 100, {{"s1", 1}, {"s2", 1}});
    add_buyers(shop, 2);
    shop.start();
    shop.open("box");
    shop.command({"HSET", "{sshow1}:till", "left:s1", "2"});
    // The ledger commits nothing until Redis takes no writes.
    std::promise<void> may_commit;
    net::spawn(shop.io.get_executor(), hold_up(*shop.ledger, may_commit.get_future()), "slow write");
    for (int i = 0; i < 2; ++i) REQUIRE(shop.decide(order_id(i), "b" + std::to_string(i), "box")->kind == commerce::Decision::Kind::accepted);
    shop.command({"CONFIG", "SET", "min-replicas-to-write", "1"});
    may_commit.set_value();
    REQUIRE(test::run_until(shop.io, [&] { return shop.number("SELECT count(*) FROM orders WHERE state = 5") == 1; }));
    const auto left = [&] { return shop.command({"HGET", "{sshow1}:till", "left:s2"}).text; };
    shop.io.restart();
    shop.io.run_for(std::chrono::milliseconds(300));
    REQUIRE(left() == "7");
    shop.command({"CONFIG", "SET", "min-replicas-to-write", "0"});
    REQUIRE(test::run_until(shop.io, [&] { return left() == "8"; }));
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("what a projector committed and could not say before it died is said by the next one", "[till]") {
    Shop shop;
    shop.add_stock("s1", 1);
    shop.add_offer("box", 100, {{"s1", 1}});
    add_buyers(shop, 2);
    shop.start();
    shop.open("box");
    shop.stop_ledger_side();
    shop.command({"HSET", "{sshow1}:till", "left:s1", "2"});
    for (int i = 0; i < 2; ++i) {
        const auto answer = shop.place(order_id(i), "b" + std::to_string(i), "box");
        REQUIRE(answer.outcome() == v1::OUTCOME_UNKNOWN);
    }
    const auto entries = all_entries(shop);
    const auto committed = shop.ledger->write_blocking(
        [&](ledger::Database& database) { return ledger::apply_entries(database, entries); });
    REQUIRE(committed.has_value());
    REQUIRE(committed->refused.size() == 1);
    shop.start_ledger_side();
    REQUIRE(shop.place_finally(order_id(0), "b0", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place_finally(order_id(1), "b1", "box").reason() == v1::REJECT_REASON_REFUSED);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a stream that is read again changes nothing, and trimming stays behind the cursor", "[till]") {
    Shop shop;
    shop.add_stock("s1", 50);
    shop.add_offer("box", 100, {{"s1", 1}});
    add_buyers(shop, 10);
    shop.start();
    shop.open("box");
    for (int i = 0; i < 10; ++i)
        REQUIRE(shop.place(order_id(i), "b" + std::to_string(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.cancel(order_id(3), "b3").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(4), 100, "pay4", "event4") == 204);
    shop.settle();
    const auto entries = all_entries(shop);
    REQUIRE(entries.size() >= 12);
    const auto count_rows = [&] {
        return shop.number(
            "SELECT (SELECT count(*) FROM orders) * 1000000 + (SELECT count(*) FROM entries) * 1000 + (SELECT count(*) "
            "FROM order_events)");
    };
    const auto rows = count_rows();
    const auto again = shop.ledger->write_blocking(
        [&](ledger::Database& database) { return ledger::apply_entries(database, entries); });
    REQUIRE(again.has_value());
    REQUIRE(again->summaries.empty());
    // Even with the cursor lost the order ids hold.
    const auto rewound = shop.ledger->write_blocking([&](ledger::Database& database) -> Result<ledger::Projection> {
        const auto back = database.execute("UPDATE tills SET stream_id = '0-0'");
        if (!back) return back.error();
        return ledger::apply_entries(database, entries);
    });
    REQUIRE(rewound.has_value());
    REQUIRE(shop.number("SELECT committed FROM stocks") == 9);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 10);
    REQUIRE(count_rows() == rows);
    REQUIRE(shop.reconcile() == "");
}
