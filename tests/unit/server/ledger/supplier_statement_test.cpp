#include "ledger/supplier_statement.hpp"

#include <livefair/v1/payment.pb.h>

#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;

namespace {

void run(ledger::Database& database, const std::string& sql) {
    INFO(sql);
    REQUIRE(database.run_script(sql).has_value());
}

void add_order(ledger::Database& database, const std::string& id, std::int64_t amount_fen, int state, int kind) {
    run(database,
        "INSERT INTO orders (id, show_id, offer_id, buyer_id, title, quantity, unit_price_fen, amount_fen, state, "
        "placed_ms, hold_until_ms, left_after, stream_id, address_id, recipient, phone, region_code, region_name, "
        "detail, kind) VALUES ('" +
            id + "', 's', 'f', 'b', 't', 1, " + std::to_string(amount_fen) + ", " + std::to_string(amount_fen) + ", " +
            std::to_string(state) + ", 0, 0, 0, '1-0', 'a', '', '', '', '', '', " + std::to_string(kind) + ")");
}

void add_line(ledger::Database& database, const std::string& order, int position, const std::string& product,
              const std::string& supplier, const std::string& numbers) {
    run(database,
        "INSERT INTO order_lines (order_id, position, stock_id, product_id, title, unit, weight_g, origin_code, "
        "origin_name, supplier_id, units, amount_fen, refunded_fen, refunded_units, subsidy_fen) VALUES ('" +
            order + "', " + std::to_string(position) + ", 'st', '" + product + "', 't', '盒', 1, '', '', '" + supplier +
            "', " + numbers + ")");
}

}  // namespace

TEST_CASE("each supplier's statement has what was paid, given back and subsidised, kinds apart, and adds up", "[pay]") {
    test::FreshDatabase database;
    auto& db = *database;
    run(db,
        "INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES ('tea', '古丈茶厂', 'enterprise', "
        "'433126', 0)");
    run(db, "INSERT INTO shows (id, room_id, title, state, starts_ms, created_ms) VALUES ('s', 'r', 't', 2, 0, 0)");
    run(db,
        "INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_id, supplier_name, "
        "supplier_contact, picture_url, created_ms) VALUES ('p1', 't', '盒', 1, '', '', 'tea', 'x', '', '', 0), ('p2', "
        "'t', '盒', 1, '', '', NULL, '合作社', '', '', 0)");
    run(db, "INSERT INTO stocks (id, show_id, product_id, total) VALUES ('st', 's', 'p1', 100)");
    run(db,
        "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
        "limit_per_buyer, hold_ms, open_ms, close_ms, state, created_ms) VALUES ('f', 's', 1, 't', 1, 9900, 0, '', 9, "
        "1000, 0, 0, 2, 0)");
    add_order(db, "o1", 10'000, 2, 1);
    add_line(db, "o1", 1, "p1", "", "3, 7000, 2000, 1, 1000");
    add_line(db, "o1", 2, "p2", "", "1, 3000, 0, 0, 0");
    add_order(db, "o2", 500, 2, 2);
    add_line(db, "o2", 1, "p2", "tea", "1, 500, 0, 0, 0");
    add_order(db, "o3", 900, 1, 1);  // unpaid
    add_line(db, "o3", 1, "p1", "tea", "1, 900, 0, 0, 0");

    const auto statement = ledger::statement_of_show(db, ShowId("s"), 77);
    REQUIRE(statement.has_value());
    REQUIRE(statement->suppliers_size() == 3);
    CHECK(statement->as_of_ms() == 77);
    const auto& unnamed = statement->suppliers(0);
    CHECK(unnamed.supplier_name() == "合作社");
    CHECK(unnamed.due_fen() == 3000);
    const auto& tea = statement->suppliers(1);
    CHECK(tea.supplier_name() == "古丈茶厂");
    CHECK(tea.kind() == 1);
    CHECK(tea.units() == 2);
    CHECK(tea.paid_fen() == 7000);
    CHECK(tea.refunded_fen() == 2000);
    CHECK(tea.subsidy_fen() == 666);
    CHECK(tea.due_fen() == 5666);
    CHECK(statement->suppliers(2).kind() == 2);
    CHECK(statement->due_fen() == 3000 + 5666 + 500);
    CHECK(ledger::statement_of_show(db, ShowId("none"), 77).error() == Errc::not_found);
}
