#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/database.hpp"

/// What quotes, intents and agreements have in common; for their files alone.
namespace livefair::ledger {

/// Errors: not_found - `sql` finds nothing.
inline Result<> require(Database& database, std::string_view sql, std::vector<Value> params,
                        Errc otherwise = Errc::not_found) {
    const auto rows = database.query(sql, std::move(params));
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(otherwise);
    return {};
}

/// Refuses an id that exists: a reference that fails has the same error as a key that is taken.
inline Result<> require_new(Database& database, const std::string& table, const std::string& id) {
    const auto rows = database.query("SELECT 1 FROM " + table + " WHERE id = ?", {id});
    if (!rows) return rows.error();
    if (!rows->empty()) return make_error_code(Errc::conflict);
    return {};
}

/// Moves a row of `table` from one of the states in `from` to `to`; one that is there already stays.
inline Result<> move_deal(Database& database, const std::string& table, const std::string& where,
                          std::vector<Value> key, const std::string& from, std::int64_t to) {
    const auto rows = database.query("SELECT state FROM " + table + " WHERE " + where, key);
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    if (rows->front().integer(0) == to) return {};
    std::vector<Value> params{to};
    params.insert(params.end(), key.begin(), key.end());
    const auto moved = database.execute(
        "UPDATE " + table + " SET state = ? WHERE " + where + " AND state IN (" + from + ")", std::move(params));
    if (!moved) return moved.error();
    if (*moved == 0) return make_error_code(Errc::conflict);
    return {};
}

}  // namespace livefair::ledger
