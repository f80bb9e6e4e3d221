#include "ledger/inventory.hpp"

#include <livefair/v1/inventory.pb.h>

#include "ledger/allocations.hpp"
#include "ledger/database.hpp"

namespace livefair::ledger {
namespace {

constexpr std::string_view stock_columns = "SELECT id, show_id, product_id, total, committed FROM stocks ";

void fill(v1::Stock& stock, const Row& row) {
    stock.set_id(row.text(0));
    stock.set_show_id(row.text(1));
    stock.set_product_id(row.text(2));
    stock.set_total(row.integer(3));
    stock.set_committed(row.integer(4));
}

}  // namespace

Result<v1::Inventory> find_inventory(Database& db, const ProductId& product) {
    const auto rows = db.query(
        "SELECT i.total, i.allocated, i.stated FROM products p LEFT JOIN inventories i ON i.product_id = p.id WHERE p.id = ?", {product.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    const auto& row = rows->front();
    v1::Inventory inventory;
    inventory.set_product_id(product.str());
    inventory.set_total(row.integer(0));
    inventory.set_allocated(row.integer(1));
    inventory.set_free(row.integer(0) - row.integer(1));
    inventory.set_is_stated(row.integer(2) != 0);
    const auto stocks = db.query(std::string(stock_columns) + "WHERE product_id = ? ORDER BY show_id, id LIMIT 1000", {product.str()});
    if (!stocks) return stocks.error();
    for (const Row& stock : *stocks) fill(*inventory.add_stocks(), stock);
    return inventory;
}

Result<> state_inventory(Database& db, const ProductId& product, std::int64_t total) {
    if (const auto made = ensure_inventory(db, product.str()); !made) return made.error();
    const auto known = db.query("SELECT 1 FROM inventories WHERE product_id = ?", {product.str()});
    if (!known) return known.error();
    if (known->empty()) return Errc::not_found;
    const auto stated = db.execute("UPDATE inventories SET total = ?, stated = 1 WHERE product_id = ? AND allocated <= ?",
                                   {total, product.str(), total});
    if (!stated) return stated.error();
    if (*stated == 0) return Errc::conflict;
    return {};
}

Result<v1::ListStocksResponse> list_stocks(Database& db, const ShowId& show) {
    const auto rows = db.query(std::string(stock_columns) + "WHERE show_id = ? ORDER BY id LIMIT 1000", {show.str()});
    if (!rows) return rows.error();
    v1::ListStocksResponse response;
    for (const Row& row : *rows) fill(*response.add_stocks(), row);
    return response;
}

Result<> create_fund(Database& db, const v1::Fund& fund, std::int64_t now_ms) {
    if (!fund.organisation_id().empty()) {
        const auto known = db.query("SELECT 1 FROM organisations WHERE id = ?", {fund.organisation_id()});
        if (!known) return known.error();
        if (known->empty()) return Errc::not_found;
    }
    const auto made = db.execute("INSERT INTO funds (id, name, organisation_id, total_fen, created_ms) VALUES (?, ?, ?, ?, ?)",
                                 {fund.id(), fund.name(), fund.organisation_id().empty() ? Value() : Value(fund.organisation_id()),
                                  fund.total_fen(), now_ms});
    if (!made) return made.error();
    return {};
}

Result<v1::ListFundsResponse> list_funds(Database& db) {
    const auto rows = db.query(
        "SELECT f.id, f.name, f.organisation_id, f.total_fen, f.leased_fen, (SELECT CAST(coalesce(sum(p.spent_fen), 0) AS BIGINT) FROM "
        "fund_pools p WHERE p.fund_id = f.id) FROM funds f ORDER BY f.name, f.id LIMIT 1000");
    if (!rows) return rows.error();
    v1::ListFundsResponse response;
    for (const Row& row : *rows) {
        auto& fund = *response.add_funds();
        fund.set_id(row.text(0));
        fund.set_name(row.text(1));
        fund.set_organisation_id(row.text(2));
        fund.set_total_fen(row.integer(3));
        fund.set_leased_fen(row.integer(4));
        fund.set_spent_fen(row.integer(5));
    }
    return response;
}

Result<v1::ListFundPoolsResponse> list_fund_pools(Database& db, const ShowId& show) {
    const auto rows = db.query(
        "SELECT p.show_id, p.fund_id, f.name, p.leased_fen, p.spent_fen FROM fund_pools p JOIN funds f ON f.id = p.fund_id WHERE p.show_id = ? "
        "ORDER BY p.fund_id",
        {show.str()});
    if (!rows) return rows.error();
    v1::ListFundPoolsResponse response;
    for (const Row& row : *rows) {
        auto& pool = *response.add_pools();
        pool.set_show_id(row.text(0));
        pool.set_fund_id(row.text(1));
        pool.set_fund_name(row.text(2));
        pool.set_leased_fen(row.integer(3));
        pool.set_spent_fen(row.integer(4));
    }
    return response;
}

}  // namespace livefair::ledger
