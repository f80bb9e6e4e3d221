#include "ledger/allocations.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/inventory.pb.h>

#include <random>

#include "ledger/catalog.hpp"
#include "ledger/inventory.hpp"
#include "ledger/products.hpp"
#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;
using ledger::Allocation;
using Refusal = ledger::ChangeAnswer::Refusal;

namespace {

void add_show(ledger::Database& db, const std::string& id) {
    v1::Show show;
    show.set_id(id);
    show.set_room_id("room-" + id);
    show.set_title("湖南专场");
    REQUIRE(ledger::create_show(db, show, 1).has_value());
}

Result<> add_stock(ledger::Database& db, const std::string& id, const std::string& show, std::int64_t total) {
    v1::Stock stock;
    stock.set_id(id);
    stock.set_show_id(show);
    stock.set_product_id("tea");
    stock.set_total(total);
    return ledger::create_stock(db, stock);
}

/// Tea; shows a and b; a fund of 10 million yuan.
void fill(ledger::Database& db) {
    v1::Product tea;
    tea.set_id("tea");
    tea.set_title("茶");
    tea.set_unit("盒");
    tea.set_net_weight_g(100);
    tea.set_origin_code("610924");
    REQUIRE(ledger::create_product(db, tea, 1).has_value());
    add_show(db, "a");
    add_show(db, "b");
    v1::Fund fund;
    fund.set_id("fund");
    fund.set_name("惠民补贴");
    fund.set_total_fen(1'000'000'000);
    REQUIRE(ledger::create_fund(db, fund, 1).has_value());
}

ledger::ChangeAnswer change(ledger::Database& db, const Allocation& where, const std::string& id, std::int64_t wanted) {
    return ledger::ask_change(db, {where, id, wanted, "me", "why"}, 5).value();
}

std::int64_t number(ledger::Database& db, const std::string& sql) {
    return db.query(sql).value().front().integer(0);
}

}  // namespace

TEST_CASE("a product whose total nobody has stated has what its shows were given, and once it is stated no show gets more", "[ledger]") {
    test::FreshDatabase fresh;
    auto& db = *fresh;
    fill(db);
    REQUIRE(add_stock(db, "s1", "a", 100).has_value());
    CHECK(ledger::find_inventory(db, ProductId("tea"))->total() == 100);
    CHECK(ledger::find_inventory(db, ProductId("tea"))->is_stated() == false);
    CHECK(ledger::state_inventory(db, ProductId("tea"), 99).error() == Errc::conflict);
    CHECK(ledger::state_inventory(db, ProductId("none"), 99).error() == Errc::not_found);
    REQUIRE(ledger::state_inventory(db, ProductId("tea"), 150).has_value());
    CHECK(ledger::find_inventory(db, ProductId("tea"))->free() == 50);
    CHECK(add_stock(db, "s2", "b", 51).error() == Errc::conflict);
    // In the product one transaction holds both steps; here the first one stays.
    REQUIRE(db.execute("DELETE FROM stocks WHERE id = 's2'").has_value());
    REQUIRE(add_stock(db, "s2", "b", 50).has_value());
    const auto refused = change(db, Allocation::of_stock(ShowId("a"), StockId("s1")), "c1", 1);
    CHECK(refused.refusal == Refusal::not_enough_free);
    CHECK(refused.most == 0);
    CHECK(ledger::ask_change(db, {Allocation::of_stock(ShowId("b"), StockId("s1")), "c2", 1, "", ""}, 5).error() == Errc::not_found);
}

TEST_CASE("a change is made once however often it is sent, and its id means nothing else", "[ledger]") {
    test::FreshDatabase fresh;
    auto& db = *fresh;
    fill(db);
    REQUIRE(add_stock(db, "s1", "a", 100).has_value());
    const auto where = Allocation::of_stock(ShowId("a"), StockId("s1"));
    for (int i = 0; i < 3; ++i) CHECK(change(db, where, "c1", 20).change.state == ledger::ChangeState::told);
    CHECK(number(db, "SELECT total FROM stocks") == 120);
    CHECK(change(db, where, "c1", 21).refusal == Refusal::other_change);
    REQUIRE(db.execute("UPDATE stocks SET committed = 90").has_value());
    CHECK(change(db, where, "c2", -31).refusal == Refusal::below_sold);
    CHECK(change(db, where, "c2", -31).most == 30);
    CHECK(change(db, where, "c2", 0).change.amount == -30);  // nothing was recorded before: the id is free
    CHECK(number(db, "SELECT total FROM stocks") == 90);
    CHECK(ledger::list_changes(db, where)->size() == 2);
}

TEST_CASE("while a till sells, taking away waits for its word and is then done once", "[ledger]") {
    test::FreshDatabase fresh;
    auto& db = *fresh;
    fill(db);
    REQUIRE(add_stock(db, "s1", "a", 100).has_value());
    REQUIRE(db.execute("INSERT INTO tills (show_id, epoch, run_id, stream_id, started_ms) VALUES ('a', 1, 'r', '0-0', 0)").has_value());
    const auto where = Allocation::of_stock(ShowId("a"), StockId("s1"));
    CHECK(change(db, where, "c1", 5).change.state == ledger::ChangeState::done);
    CHECK(change(db, where, "c2", -10).change.state == ledger::ChangeState::asked);
    CHECK(number(db, "SELECT total FROM stocks") == 105);
    CHECK(change(db, where, "c3", 1).refusal == Refusal::under_way);
    CHECK(ledger::open_changes(db, where)->size() == 2);
    CHECK(ledger::newest_settled(db, ShowId("a"))->at("left:s1") == 1);
    for (int i = 0; i < 2; ++i) {
        CHECK(ledger::settle_adjustment(db, where, "1|5").value());
        CHECK(ledger::settle_adjustment(db, where, "2|-10").value());
    }
    CHECK(number(db, "SELECT total FROM stocks") == 95);
    CHECK(number(db, "SELECT allocated FROM inventories") == 95);
    CHECK(ledger::open_changes(db, where)->empty());
    for (const auto* nonsense : {"", "3", "3|", "|1", "3|-1", "2|-10x", "99999999999999999999|1"})
        CHECK_FALSE(ledger::settle_adjustment(db, where, nonsense).value());
    // A till that gave up what the ledger has sold: refused, so that the sum stays true.
    CHECK(change(db, where, "c4", -95).change.state == ledger::ChangeState::asked);
    REQUIRE(db.execute("UPDATE stocks SET committed = 1").has_value());
    CHECK_FALSE(ledger::settle_adjustment(db, where, "3|-95").value());
    CHECK(ledger::find_change(db, "c4")->state == ledger::ChangeState::refused);
    CHECK(number(db, "SELECT total FROM stocks") == 95);
}

TEST_CASE("what a till refused to give, was rebuilt, and then gave is taken away in the ledger, too", "[ledger]") {
    test::FreshDatabase fresh;
    auto& db = *fresh;
    fill(db);
    REQUIRE(add_stock(db, "s1", "a", 100).has_value());
    REQUIRE(db.execute("INSERT INTO tills (show_id, epoch, run_id, stream_id, started_ms) VALUES ('a', 1, 'r', '0-0', 0)").has_value());
    const auto where = Allocation::of_stock(ShowId("a"), StockId("s1"));
    const auto asked = change(db, where, "c1", -10).change;
    // Two ask the till, one before its rebuild and one after it; the first one's word comes in between the second one's and the stream's.
    REQUIRE(ledger::note_refused(db, asked).has_value());
    CHECK(ledger::settle_adjustment(db, where, "1|-10").value());
    CHECK(number(db, "SELECT total FROM stocks") == 90);
    CHECK(ledger::find_change(db, "c1")->state == ledger::ChangeState::told);
}

TEST_CASE("however stock and funds are moved about, what there is stays the same and nobody has more than it", "[ledger]") {
    test::FreshDatabase fresh;
    auto& db = *fresh;
    fill(db);
    REQUIRE(ledger::state_inventory(db, ProductId("tea"), 1000).has_value());
    REQUIRE(add_stock(db, "s1", "a", 10).has_value());
    REQUIRE(add_stock(db, "s2", "b", 10).has_value());
    std::mt19937 random(GENERATE(1u, 2u, 3u));
    for (int i = 0; i < 300; ++i) {
        const ShowId show(random() % 2 == 0 ? "a" : "b");
        const bool is_stock = random() % 2 == 0;
        const auto where = is_stock ? Allocation::of_stock(show, StockId(show.str() == "a" ? "s1" : "s2")) : Allocation::of_fund(show, "fund");
        const auto scale = is_stock ? 400 : 400'000'000;
        const auto wanted = static_cast<std::int64_t>(random() % (2u * static_cast<unsigned>(scale))) - scale;
        REQUIRE(db.begin().has_value());
        (void)change(db, where, "c" + std::to_string(i), random() % 10 == 0 ? 0 : wanted);
        // Somebody buys, or gives back.
        REQUIRE(db.execute("UPDATE stocks SET committed = total / 2 WHERE id = 's1'").has_value());
        REQUIRE(db.execute("UPDATE fund_pools SET spent_fen = leased_fen / 3 WHERE show_id = 'b'").has_value());
        REQUIRE(number(db, "SELECT sum(total) FROM stocks") == number(db, "SELECT allocated FROM inventories"));
        REQUIRE(number(db, "SELECT total FROM inventories") == 1000);
        REQUIRE(number(db, "SELECT coalesce(sum(leased_fen), 0) FROM fund_pools") == number(db, "SELECT leased_fen FROM funds"));
        REQUIRE(number(db, "SELECT count(*) FROM stocks WHERE total < committed") == 0);
        REQUIRE(db.commit().has_value());
    }
    REQUIRE(number(db, "SELECT count(*) FROM allocation_changes") > 100);
}
