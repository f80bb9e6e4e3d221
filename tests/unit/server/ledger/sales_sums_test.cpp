#include "ledger/sales_sums.hpp"

#include <livefair/v1/order.pb.h>

#include "ledger/refunds.hpp"
#include "ledger/totals.hpp"
#include "unit/server/ledger/projected_show.hpp"

using namespace livefair;
using test::facts;

namespace {

/// An offer of two goods, one of them a thousand tonnes a piece.
struct SumsShow : test::ProjectedShow {
    explicit SumsShow(std::int64_t weight_g = 500) {
        add_stock("s1", 1'000'000'000, weight_g);
        add_stock("s2", 1000);
        add_offer("box", 301, {{"s1", 1}, {"s2", 2}});
        add_offer("heap", 100, {{"s1", 1}});
        add_buyer("b1");
        add_buyer("b2");
    }
    void take(const std::string& id, const std::string& kind, const std::string& order) {
        auto fields = std::vector<std::string>{"k", kind, "o", order, "b", ""};
        if (kind == "paid" || kind == "refund_due")
            fields.insert(fields.end(), {"v", "sandbox", "p", "p" + id, "e", "e" + id, "m", "301"});
        apply({entry(id, std::move(fields))});
    }
    ledger::Projection place(const std::string& id, const std::string& order, const std::string& buyer,
                             const std::string& offer = "box") {
        const auto text =
            offer == "box" ? facts(buyer, "box", 1, 301, "s1:1,s2:2") : facts(buyer, "heap", 1, 100, "s1:900000000");
        const auto placed = entry(id, {"k", "placed", "o", order, "b", text});
        return in_transaction(
            [&]() -> Result<ledger::Projection> { return ledger::apply_carefully(database(), placed); });
    }
    v1::ShowTotals totals() { return ledger::totals_of_show(database(), show, 9).value(); }
};

}  // namespace

TEST_CASE("the kept sums follow an order from its hold to its payment, and give back what expires", "[totals]") {
    SumsShow show;
    show.place("10-0", "o1", "b1");
    show.place("11-0", "o2", "b1");
    show.place("12-0", "o3", "b2");
    CHECK(show.totals().show().orders_reserved() == 3);
    CHECK(show.totals().show().reserved_fen() == 903);
    show.take("13-0", "paid", "o1");
    show.take("14-0", "paid", "o2");
    show.take("15-0", "expired", "o3");
    const auto totals = show.totals();
    CHECK(totals.show().orders_reserved() == 0);
    CHECK(totals.show().orders_paid() == 2);
    CHECK(totals.show().units_paid() == 6);
    CHECK(totals.show().paid_fen() == 602);
    CHECK(totals.show().weight_paid_g() == 3000);
    CHECK(totals.show().unit() == "盒");
    CHECK(totals.show().name() == "湘品");
    CHECK(totals.buyers_paid() == 1);
    REQUIRE(totals.cities_size() == 1);
    CHECK(totals.cities(0).orders_paid() == 2);
    REQUIRE(totals.products_size() == 2);
    CHECK(totals.products(0).paid_fen() + totals.products(1).paid_fen() == 602);
    CHECK(ledger::recount_sums(show.database(), "show1")->empty());
}

TEST_CASE("a refund is taken off once it is agreed to, from the goods it is for", "[totals]") {
    SumsShow show;
    show.place("10-0", "o1", "b1");
    show.take("11-0", "paid", "o1");
    const auto refund = [&](const std::string& id, std::int64_t fen, std::int64_t four_eyes_fen) {
        return ledger::wish_refund(show.database(), {id, show.show, OrderId("o1"), 0, fen, "", AccountId("clerk"),
                                                     false, four_eyes_fen, 12})
            ->state;
    };
    CHECK(refund("r1", 100, 0) == ledger::RefundState::asked);
    CHECK(show.totals().show().refunded_fen() == 0);
    REQUIRE(ledger::decide_refund(show.database(), {"r1", show.show, true, AccountId("chief"), "", 13})->state ==
            ledger::RefundState::accepted);
    const auto totals = show.totals();
    CHECK(totals.show().refunded_fen() == 100);
    CHECK(totals.show().paid_fen() == 301);
    CHECK(totals.products(0).refunded_fen() + totals.products(1).refunded_fen() == 100);
    CHECK(totals.cities(0).refunded_fen() == 100);
    CHECK(show.number("SELECT sum(amount_fen) FROM refund_lines WHERE refund_id = 'r1'") == 100);
    CHECK(ledger::recount_sums(show.database(), "show1")->empty());
}

TEST_CASE("money that no order could take is owed back in the kept sums", "[totals]") {
    SumsShow show;
    show.place("10-0", "o1", "b1");
    show.take("11-0", "cancelled", "o1");
    show.take("12-0", "refund_due", "o1");
    CHECK(show.totals().show().refund_due_fen() == 301);
    CHECK(show.totals().show().paid_fen() == 0);
    CHECK(ledger::recount_sums(show.database(), "show1")->empty());
}

TEST_CASE("a recount names each sum that is wrong, and both figures", "[totals]") {
    SumsShow show;
    show.place("10-0", "o1", "b1");
    show.write("UPDATE sales_sums SET held_fen = held_fen + 1 WHERE dimension = 1");
    show.write("DELETE FROM sales_sums WHERE key = 'p-s2'");
    const auto differences = ledger::recount_sums(show.database(), "show1").value();
    REQUIRE(differences.size() == 5);
    CHECK(differences[0].what == "sum held_fen of show1");
    CHECK(differences[0].counted == 301);
    CHECK(differences[0].kept == 302);
    CHECK(differences[1].what == "sum orders_held of p-s2");
    CHECK(differences[1].kept == 0);
}

TEST_CASE("an order whose goods can't be added to the sums any more is refused, and those before and behind it are not",
          "[totals]") {
    SumsShow show(1'000'000'000);  // 9e17 g a heap
    show.write("UPDATE stocks SET total = 1000000000 WHERE id = 's1'");
    CHECK(show.place("10-0", "o1", "b1", "heap").refused.empty());
    show.write("UPDATE sales_sums SET held_g = 8200000000000000000");
    show.write("UPDATE stocks SET committed = 0");
    const auto done = show.place("11-0", "o2", "b1", "heap");
    CHECK(done.refused.size() == 1);
    CHECK(show.rows("SELECT kind FROM anomalies") == "breaks_rule\n");
    CHECK(show.rows("SELECT id FROM orders") == "o1\n");
    show.write("UPDATE sales_sums SET held_g = 900000000000000000");
    CHECK(show.place("12-0", "o3", "b1").refused.empty());
    CHECK(show.rows("SELECT id FROM orders ORDER BY id") == "o1\no3\n");
}

TEST_CASE("a ledger that was made before sums were kept gets them from its orders", "[totals]") {
    test::TemporaryFolder folder;
    const auto database =
        std::move(*ledger::Database::open(test::ledger_location(folder), ledger::Database::Mode::read_write));
    const auto steps = ledger::known_migrations();
    REQUIRE(ledger::migrate(*database, steps.first(20)).has_value());
    const auto write = [&](const std::string& sql) {
        INFO(sql);
        REQUIRE(database->run_script(sql).has_value());
    };
    write(
        "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('show1', 'room1', 't', "
        "2, "
        "0, 0, 0)");
    for (const auto* product : {"p1", "p2"})
        write(
            std::string("INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_name, "
                        "supplier_contact, picture_url, created_ms) VALUES ('") +
            product + "', 't', '盒', 500, '431227', '新晃', '', '', '', 0)");
    write(
        "INSERT INTO stocks (id, show_id, product_id, total) VALUES ('s1', 'show1', 'p1', 9), ('s2', 'show1', 'p2', "
        "9)");
    write(
        "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
        "limit_per_buyer, hold_ms, open_ms, close_ms, state, created_ms) VALUES ('box', 'show1', 1, 't', 1, 100, 0, "
        "'', 9, "
        "1, 0, 0, 2, 0)");
    // Held, paid by one who bought twice, paid and refunded twice, expired and paid late.
    for (const auto* order :
         {"'o1', 'b1', 1, 0, 0", "'o2', 'b2', 2, 0, 0", "'o3', 'b2', 2, 30, 0", "'o4', 'b3', 3, 0, 100"})
        write(std::string(
                  "INSERT INTO orders (id, buyer_id, state, refunded_fen, refund_due_fen, show_id, offer_id, title, "
                  "quantity, unit_price_fen, amount_fen, placed_ms, hold_until_ms, left_after, stream_id, "
                  "address_id, recipient, phone, region_code, region_name, detail) VALUES (") +
              order + ", 'show1', 'box', 't', 1, 100, 100, 1, 2, 0, '1-1', '', '', '', '', '', '')");
    for (const auto* line :
         {"'o1', 1, 's1', 'p1', 60, 0", "'o1', 2, 's2', 'p2', 40, 0", "'o2', 1, 's1', 'p1', 100, 0",
          "'o3', 1, 's1', 'p1', 60, 20", "'o3', 2, 's2', 'p2', 40, 10", "'o4', 1, 's1', 'p1', 100, 0"})
        write(
            std::string("INSERT INTO order_lines (order_id, position, stock_id, product_id, amount_fen, refunded_fen, "
                        "title, unit, units, weight_g, origin_code, origin_name) VALUES (") +
            line + ", 't', '盒', 2, 1000, '431227', '新晃')");
    for (const auto* refund : {"'r1', 10, 5", "'r2', 20, 6"})
        write(
            std::string("INSERT INTO refunds (id, amount_fen, decided_ms, order_id, show_id, quantity, asked_quantity, "
                        "asked_fen, state, why, asked_by, asked_ms) VALUES (") +
            refund + ", 'o3', 'show1', 0, 0, 0, 3, '', 'clerk', 1)");

    REQUIRE(ledger::migrate(*database, steps).has_value());
    CHECK(ledger::recount_sums(*database, "show1")->empty());
    const auto totals = ledger::totals_of_show(*database, ShowId("show1"), 9).value();
    CHECK(totals.show().orders_reserved() == 1);
    CHECK(totals.show().orders_paid() == 2);
    CHECK(totals.show().units_paid() == 6);
    CHECK(totals.show().paid_fen() == 200);
    CHECK(totals.show().refunded_fen() == 30);
    CHECK(totals.show().refund_due_fen() == 100);
    CHECK(totals.show().unit() == "盒");
    CHECK(totals.buyers_paid() == 1);
    CHECK(totals.cities(0).orders_paid() == 2);
    const auto lines = database->query("SELECT refund_id, amount_fen FROM refund_lines ORDER BY position").value();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].text(0) == "r2");
    CHECK(lines[0].integer(1) == 20);
}
