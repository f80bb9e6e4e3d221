#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ledger/projection.hpp"
#include "support/catch.hpp"
#include "unit/server/ledger/fresh_database.hpp"

namespace livefair::test {

/// A show "show1" on sale in a ledger of its own, whose orders stream the test writes by hand. Every buyer "bN" has an
/// address "a-bN".
class ProjectedShow {
public:
    ProjectedShow() {
        write(
            "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES (?, 'room1', "
            "'湘品', 2, 0, 0, 0)",
            {show.str()});
        write("INSERT INTO tills (show_id, epoch, run_id, stream_id, started_ms) VALUES (?, 1, 'run', '0-0', 0)",
              {show.str()});
    }

    const ShowId show{"show1"};

    void add_stock(const std::string& id, std::int64_t total, std::int64_t weight_g = 500) {
        write(
            "INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_name, "
            "supplier_contact, picture_url, created_ms) "
            "VALUES (?, ?, '盒', ?, '431227', '新晃', '', '', '', 0)",
            {"p-" + id, "product " + id, weight_g});
        write("INSERT INTO stocks (id, show_id, product_id, total) VALUES (?, ?, ?, ?)",
              {id, show.str(), "p-" + id, total});
    }
    void add_offer(const std::string& id, std::int64_t price_fen,
                   const std::vector<std::pair<std::string, std::int64_t>>& lines) {
        write(
            "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
            "limit_per_buyer, hold_ms, open_ms, "
            "close_ms, state, created_ms) VALUES (?, ?, ?, ?, 1, ?, 0, '', 99, 600000, 0, 0, 2, 0)",
            {id, show.str(), ++offers_, "offer " + id, price_fen});
        std::int64_t position = 0;
        for (const auto& [stock, units] : lines) {
            ++position;
            write("INSERT INTO offer_lines (offer_id, position, stock_id, quantity, share_fen) VALUES (?, ?, ?, ?, ?)",
                  {id, position, stock, units, price_fen / static_cast<std::int64_t>(lines.size())});
        }
    }
    void add_buyer(const std::string& id) {
        write("INSERT INTO accounts (id, nickname, phone, created_ms) VALUES (?, ?, ?, 0)", {id, id, "138" + id});
        write(
            "INSERT INTO addresses (id, account_id, recipient, phone, region_code, region_name, detail, created_ms) "
            "VALUES (?, ?, '向阳', '13800001234', '430100', '长沙', '1 号', 0)",
            {"a-" + id, id});
    }

    ledger::StreamEntry entry(const std::string& id, std::vector<std::string> fields) const {
        return ledger::StreamEntry::from_fields(show, id, std::move(fields));
    }
    ledger::Projection apply(const std::vector<ledger::StreamEntry>& entries) {
        return in_transaction([&] { return ledger::apply_entries(*database_, entries); });
    }
    /// What `work`, a Result<ledger::Projection>(), did; the test fails when it did not.
    template <class F>
    ledger::Projection in_transaction(F work) {
        REQUIRE((*database_).run_script("BEGIN").has_value());
        auto applied = work();
        INFO((*database_).error_text());
        REQUIRE(applied.has_value());
        REQUIRE((*database_).run_script("COMMIT").has_value());
        return std::move(*applied);
    }

    ledger::Database& database() { return *database_; }
    void write(const std::string& sql, std::vector<ledger::Value> params = {}) {
        INFO(sql);
        REQUIRE((*database_).execute(sql, std::move(params)).has_value());
    }
    std::int64_t number(const std::string& sql) {
        INFO(sql);
        const auto rows = (*database_).query(sql);
        REQUIRE(rows.has_value());
        return rows->front().integer(0);
    }
    /// All rows as text, a line each.
    std::string rows(const std::string& sql) {
        INFO(sql);
        const auto rows = (*database_).query(sql);
        REQUIRE(rows.has_value());
        std::string text;
        for (const auto& row : *rows) {
            for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + row.text(i);
            text += "\n";
        }
        return text;
    }

private:
    FreshDatabase database_;
    std::int64_t offers_ = 0;
};

/// The facts of a new order as the till writes them; an amount that does not fit wraps around, which no till writes.
inline std::string facts(const std::string& buyer, const std::string& offer, std::int64_t quantity,
                         std::int64_t price_fen, const std::string& lines) {
    const auto amount_fen = static_cast<std::int64_t>(static_cast<std::uint64_t>(price_fen) * static_cast<std::uint64_t>(quantity));
    return "reserved|" + buyer + "|" + offer + "|" + std::to_string(quantity) + "|a-" + buyer + "|" +
           std::to_string(price_fen) + "|" + std::to_string(amount_fen) + "|1000|601000|7|" + lines + "|||";
}

}  // namespace livefair::test
