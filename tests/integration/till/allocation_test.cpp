#include <catch2/catch.hpp>
#include <random>

#include "integration/till/shop.hpp"
#include "ledger/allocations.hpp"
#include "ledger/inventory.hpp"
#include "net/task.hpp"

using namespace livefair;
using ledger::Allocation;
using ledger::ChangeState;
using test::order_id;
using test::Shop;
using Refusal = ledger::ChangeAnswer::Refusal;

namespace {

ledger::ChangeAnswer change(Shop& shop, const Allocation& where, const std::string& id, std::int64_t wanted) {
    const auto answer = shop.run(shop.gateways[0]->sales.allocations().change({where, id, wanted, "operator", "test"}));
    REQUIRE(answer.has_value());
    return *answer;
}

Allocation stock_of(const std::string& show, const std::string& stock) {
    return Allocation::of_stock(ShowId(show), StockId(stock));
}

std::int64_t left(Shop& shop, const std::string& show, const std::string& stock) {
    return std::stoll(shop.command({"HGET", "{s" + show + "}:till", "left:" + stock}).text);
}

/// The sum of a product's parts is what there is, at this very moment.
void check_sum(Shop& shop) {
    REQUIRE(shop.number("SELECT i.total - i.allocated + (SELECT sum(total) FROM stocks) FROM inventories i") == 1000);
    REQUIRE(shop.number("SELECT count(*) FROM stocks WHERE committed > total OR committed < 0") == 0);
}

struct Trader {
    std::string show, stock, offer;
};

/// Changes one show's stock, and buys and cancels there, 25 times.
net::Task<> trade(Shop& shop, Trader trader, unsigned seed, std::size_t& done) {
    std::mt19937 random(seed);
    auto& gateway = *shop.gateways[seed % shop.gateways.size()];
    for (int i = 0; i < 25; ++i) {
        const auto name = trader.show + "-" + std::to_string(seed) + "-" + std::to_string(i);
        if (random() % 2 == 0 || trader.offer.empty()) {
            const auto wanted = static_cast<std::int64_t>(random() % 401) - 200;
            ledger::ChangeRequest request{stock_of(trader.show, trader.stock), name, wanted, "", ""};
            (void)co_await gateway.sales.allocations().change(std::move(request));
        } else {
            auto request = shop.request("order-" + name + "-0000000000", "b1", trader.offer, static_cast<std::int64_t>(random() % 9) + 1);
            request.set_show_id(trader.show);
            const auto answer = co_await gateway.checkout.place(AccountId("b1"), request);
            if (answer.outcome() == v1::OUTCOME_ACCEPTED && random() % 2 == 0)
                (void)co_await gateway.checkout.cancel(AccountId("b1"), ShowId(trader.show), OrderId(request.order_id()));
        }
        check_sum(shop);
    }
    ++done;
}

}  // namespace

TEST_CASE("one product in two shows, the mall and bulk at once: whatever is changed and bought, the sum stays and nobody oversells",
          "[till]") {
    Shop shop(2);
    shop.add_buyer("b1");
    shop.add_show("show2");
    shop.add_show("mall", 2);
    shop.add_show("bulk", 3);
    shop.add_stock("s1", 100);
    REQUIRE(shop.ledger->write_blocking([](ledger::Database& db) { return ledger::state_inventory(db, ProductId("p-s1"), 1000); })
                .has_value());
    shop.add_stock_of("show2", "s2", "p-s1", 200);
    shop.add_stock_of("mall", "s3", "p-s1", 50);
    shop.add_stock_of("bulk", "s4", "p-s1", 300);
    const std::vector<Trader> traders = {{"show1", "s1", "o1"}, {"show2", "s2", "o2"}, {"mall", "s3", "o3"}, {"bulk", "s4", ""}};
    shop.start();
    for (const auto& trader : traders) {
        if (trader.offer.empty()) continue;
        shop.add_offer(trader.offer, 1000, {{trader.stock, 1}}, 99, 600'000, trader.show);
        shop.start_sale(trader.show);
        shop.open_in(trader.show, trader.offer);
    }
    std::size_t done = 0;
    for (unsigned i = 0; i < 8; ++i) net::spawn(shop.io.get_executor(), trade(shop, traders[i % 4], i, done), "trader");
    REQUIRE(test::run_until(
        shop.io, [&] { return done == 8; }, std::chrono::seconds(60)));
    for (const auto& trader : traders) {
        if (trader.offer.empty()) continue;
        INFO(trader.show);
        CHECK(shop.reconcile_show(ShowId(trader.show)).empty());
        CHECK(left(shop, trader.show, trader.stock) ==
              shop.number("SELECT total - committed FROM stocks WHERE id = '" + trader.stock + "'"));
    }
    CHECK(shop.number("SELECT count(*) FROM allocation_changes WHERE state IN (1, 2)") == 0);
    CHECK(shop.number("SELECT count(*) FROM anomalies") == 0);
    CHECK(shop.number("SELECT count(*) FROM allocation_changes WHERE state = 3") > 20);
}

TEST_CASE("stock of a show on sale that no offer has yet is changed like any other, and goes back at the show's end", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.start();
    shop.open("box");
    shop.add_stock("s2", 10);
    const auto taken = change(shop, stock_of("show1", "s2"), "take-1", -4);
    CHECK(taken.change.state == ChangeState::told);
    CHECK(left(shop, "show1", "s2") == 6);
    shop.add_stock("s3", 5);
    CHECK(change(shop, stock_of("show1", "s3"), "raise-1", 2).refusal == Refusal::none);
    REQUIRE(test::run_until(shop.io, [&] { return shop.number("SELECT count(*) FROM allocation_changes WHERE state < 3") == 0; }));
    CHECK(left(shop, "show1", "s3") == 7);
    CHECK(shop.reconcile() == "");
    shop.add_stock("s4", 5);
    shop.write("UPDATE shows SET state = 3", {});
    REQUIRE(shop.run(shop.gateways[0]->sales.end_show(shop.show)).has_value());
    REQUIRE(test::run_until(shop.io, [&] { return shop.number("SELECT count(*) FROM stocks WHERE total > 0") == 0; }));
    CHECK(shop.reconcile() == "");
}

TEST_CASE("what a till of another epoch says of a change is not noted, and the till of now is told", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.start();
    shop.open("box");
    // The keeper may be at it by itself.
    REQUIRE(test::run_until(shop.io, [&] { return shop.run(shop.side->keeper.rebuild(shop.show)).has_value(); }));
    shop.stop_ledger_side();
    const auto epoch = shop.number("SELECT epoch FROM tills");
    // As the till of before the rebuild was.
    shop.command({"HSET", "{sshow1}:till", "epoch", std::to_string(epoch - 1)});
    CHECK(change(shop, stock_of("show1", "s1"), "c1", 5).change.state == ChangeState::done);
    CHECK(left(shop, "show1", "s1") == 15);
    CHECK(shop.number("SELECT count(*) FROM allocation_changes WHERE id = 'c1' AND state = 3") == 0);
    shop.start_ledger_side();
    REQUIRE(test::run_until(shop.io, [&] { return shop.number("SELECT count(*) FROM allocation_changes WHERE id = 'c1' AND state = 3") == 1; }));
    // The keeper that was stopped may still be in the midst of a rebuild.
    REQUIRE(test::run_until(shop.io, [&] { return shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "15" && shop.reconcile() == ""; }));
}

TEST_CASE("stock is raised and lowered while it sells, never below what is sold, and viewers hear of it", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    const auto where = stock_of("show1", "s1");
    REQUIRE(shop.place(order_id(1), "b1", "box", 6).outcome() == v1::OUTCOME_ACCEPTED);
    const auto refused = change(shop, where, "c1", -5);
    CHECK(refused.refusal == Refusal::below_sold);
    CHECK(refused.most == 4);
    CHECK(change(shop, where, "c2", -4).change.state == ChangeState::told);
    CHECK(left(shop, "show1", "s1") == 0);
    CHECK(shop.number("SELECT total FROM stocks") == 6);
    CHECK(shop.place(order_id(2), "b1", "box").reason() == v1::REJECT_REASON_SOLD_OUT);
    REQUIRE(shop.side->commits.back().left.size() == 1);
    CHECK(shop.side->commits.back().left[0].left == 0);

    CHECK(change(shop, where, "c3", 3).change.state == ChangeState::done);
    shop.settle();
    REQUIRE(shop.side->commits.back().left.size() == 1);
    CHECK(shop.side->commits.back().left[0].left == 3);
    CHECK(shop.number("SELECT count(*) FROM allocation_changes WHERE state = 3") == 2);
    // The same again changes nothing.
    CHECK(change(shop, where, "c3", 3).change.state == ChangeState::told);
    CHECK(change(shop, where, "c2", -4).change.state == ChangeState::told);
    CHECK(left(shop, "show1", "s1") == 3);
    shop.sold_out.on_left(OfferId("box"), 3);
    CHECK(shop.place(order_id(3), "b1", "box", 3).outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("what the till has sold and the ledger not heard of can't be taken away", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.start();
    shop.open("box");
    shop.command({"HSET", "{sshow1}:till", "left:s1", "2"});  // eight are on their way
    const auto answer = change(shop, stock_of("show1", "s1"), "c1", -3);
    CHECK(answer.change.state == ChangeState::refused);
    CHECK(left(shop, "show1", "s1") == 2);
    CHECK(shop.number("SELECT total FROM stocks") == 10);
    CHECK(change(shop, stock_of("show1", "s1"), "c2", 0).change.amount == -2);
    CHECK(change(shop, stock_of("show1", "s1"), "c1", -3).change.state == ChangeState::refused);
}

TEST_CASE("a change cut short at any step is carried through, once", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.start();
    shop.open("box");
    const auto where = stock_of("show1", "s1");
    const auto ask = [&](const std::string& id, std::int64_t wanted) {
        const auto asked = shop.ledger->write_blocking(
            [&](ledger::Database& db) { return ledger::ask_change(db, {where, id, wanted, "", ""}, 0); });
        REQUIRE(asked.has_value());
        return asked->change;
    };
    const auto is_settled = [&] { return shop.number("SELECT count(*) FROM allocation_changes WHERE state < 3") == 0; };
    const auto settles = [&] { return test::run_until(shop.io, is_settled, std::chrono::seconds(10)); };

    ask("c1", 5);  // and the process dies
    REQUIRE(settles());
    CHECK(left(shop, "show1", "s1") == 15);

    ask("c2", -4);  // and dies before it asks the till
    REQUIRE(settles());
    CHECK(left(shop, "show1", "s1") == 11);

    shop.stop_ledger_side();
    const auto asked = ask("c3", -4);  // the till has done it, the ledger is away, and Redis loses everything
    CHECK(shop.run(shop.gateways[0]->till.adjust(shop.show, where.field, asked.number, -4))->left == 7);
    CHECK(shop.run(shop.gateways[0]->till.adjust(shop.show, where.field, asked.number, -4))->left == 7);
    CHECK(shop.run(shop.gateways[0]->till.adjust(shop.show, where.field, asked.number + 2, 1))->kind == commerce::Adjustment::Kind::gap);
    shop.command({"FLUSHALL"});
    shop.start_ledger_side();
    shop.wait_until_open();
    REQUIRE(settles());
    CHECK(left(shop, "show1", "s1") == 7);
    CHECK(shop.number("SELECT total FROM stocks") == 7);

    shop.stop_ledger_side();
    const auto last = ask("c4", -2);  // the same, but Redis keeps what it has
    CHECK(shop.run(shop.gateways[0]->till.adjust(shop.show, where.field, last.number, -2))->left == 5);
    shop.start_ledger_side();
    REQUIRE(settles());
    CHECK(left(shop, "show1", "s1") == 5);
    CHECK(shop.number("SELECT allocated FROM inventories") == 5);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("what a show has not sold goes back at its end, and what its holds give back later, too", "[till]") {
    Shop shop;
    shop.add_stock("s1", 10);
    shop.write("INSERT INTO funds (id, name, total_fen, created_ms) VALUES ('fund', '补贴', 1000000000, 0)", {});
    REQUIRE(shop.ledger->write_blocking([](ledger::Database& db) { return ledger::state_inventory(db, ProductId("p-s1"), 100); })
                .has_value());
    shop.add_offer("box", 1000, {{"s1", 1}});
    shop.add_buyer("b1");
    shop.start();
    shop.open("box");
    CHECK(change(shop, Allocation::of_fund(shop.show, "fund"), "l1", 1'000'000'000).change.state == ChangeState::done);
    CHECK(change(shop, Allocation::of_fund(shop.show, "fund"), "l2", 1).refusal == Refusal::not_enough_free);
    CHECK(shop.command({"HGET", "{sshow1}:till", "pool:fund"}).text == "1000000000");
    REQUIRE(shop.place(order_id(1), "b1", "box", 3).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place(order_id(2), "b1", "box", 2).outcome() == v1::OUTCOME_ACCEPTED);

    shop.write("UPDATE shows SET state = 3", {});
    REQUIRE(shop.run(shop.gateways[0]->sales.end_show(shop.show)).has_value());
    shop.settle();
    CHECK(shop.number("SELECT total FROM stocks") == 5);
    CHECK(shop.number("SELECT total - allocated FROM inventories") == 95);
    CHECK(shop.number("SELECT leased_fen FROM funds") == 0);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(test::run_until(
        shop.io, [&] { return shop.number("SELECT total - allocated FROM inventories") == 98; }, std::chrono::seconds(10)));
    CHECK(shop.number("SELECT total FROM stocks") == 2);
    CHECK(shop.reconcile() == "");
}
