#pragma once

#include <set>
#include <string>

#include "ledger/orders.hpp"
#include "unit/server/ledger/fresh_database.hpp"

namespace livefair::test {

/// A new ledger with "show1", its stock "s1" (1000 units of 500 g), the offer "box" of 2 of them at 99 yuan, a buyer
/// "buyer" and staff "clerk" and "chief".
class OrdersOfAShow {
public:
    OrdersOfAShow() {
        write(
            "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('show1', 'room1', "
            "'t', 2, 0, 0, 0)");
        write(
            "INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_name, "
            "supplier_contact, picture_url, created_ms) "
            "VALUES ('p1', '冰糖橙', '盒', 500, '431227', '新晃', '', '', '', 0)");
        write("INSERT INTO stocks (id, show_id, product_id, total) VALUES ('s1', 'show1', 'p1', 1000)");
        write(
            "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
            "limit_per_buyer, hold_ms, open_ms, "
            "close_ms, state, created_ms) VALUES ('box', 'show1', 1, '冰糖橙', 1, 9900, 0, '', 99, 60000, 0, 0, 2, 0)");
        for (const auto* id : {"buyer", "clerk", "chief"})
            write("INSERT INTO accounts (id, nickname, created_ms) VALUES ('" + std::string(id) + "', '" +
                  (id == std::string("clerk") ? "Clerk" : id) + "', 0)");
    }

    ledger::Database& operator*() { return *database_; }

    /// `quantity` boxes in this state, one line of twice as many units.
    void add(const std::string& id, ledger::OrderState state, std::int64_t quantity = 1) {
        write(
            "INSERT INTO orders (id, show_id, offer_id, buyer_id, title, quantity, unit_price_fen, amount_fen, state, "
            "placed_ms, hold_until_ms, left_after, stream_id, address_id, recipient, phone, region_code, region_name, "
            "detail) "
            "VALUES (?, 'show1', 'box', 'buyer', '冰糖橙', ?, 9900, ?, ?, 1, 60001, 0, '1-1', 'a1', '王小明', "
            "'13800001234', '430100', '长沙', "
            "'五一大道1号')",
            {id, quantity, quantity * 9900, static_cast<std::int64_t>(state)});
        write(
            "INSERT INTO order_lines (order_id, position, stock_id, product_id, title, unit, units, amount_fen, "
            "weight_g, origin_code, origin_name) "
            "VALUES (?, 1, 's1', 'p1', '冰糖橙', '盒', ?, ?, ?, '431227', '新晃')",
            {id, quantity * 2, quantity * 9900, quantity * 1000});
        const bool is_committed = state == ledger::OrderState::reserved || state == ledger::OrderState::paid;
        if (is_committed) write("UPDATE stocks SET committed = committed + ? WHERE id = 's1'", {quantity * 2});
    }
    void add_paid(const std::string& id, std::int64_t quantity = 1) { add(id, ledger::OrderState::paid, quantity); }

    void write(const std::string& sql, std::vector<ledger::Value> params = {}) {
        INFO(sql);
        const auto written = (*database_).execute(sql, std::move(params));
        REQUIRE(written.has_value());
    }
    /// First column of the first row.
    std::int64_t number(const std::string& sql) {
        INFO(sql);
        const auto rows = (*database_).query(sql);
        REQUIRE(rows.has_value());
        REQUIRE(rows->size() == 1);
        return rows->front().integer(0);
    }

private:
    FreshDatabase database_;
};

}  // namespace livefair::test
