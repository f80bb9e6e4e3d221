#include "ledger/regions.hpp"

#include <livefair/v1/supply.pb.h>

#include "ledger/database.hpp"

namespace livefair::ledger {

Result<CodeCheck> check_code(Database& db, const std::string& code, std::int64_t at_ms) {
    const auto rows = db.query("SELECT name, valid_from_ms, valid_until_ms FROM regions WHERE code = ?", {code});
    if (!rows) return rows.error();
    if (rows->empty()) return CodeCheck{CodeFault::unknown, {}, 0};
    const auto& row = rows->front();
    const auto from_ms = row.integer(1), until_ms = row.integer(2);
    if (from_ms > at_ms) return CodeCheck{CodeFault::not_yet, row.text(0), from_ms};
    if (until_ms != 0 && until_ms <= at_ms) return CodeCheck{CodeFault::ended, row.text(0), until_ms};
    return CodeCheck{CodeFault::none, row.text(0), 0};
}

Result<v1::ListRegionsResponse> list_regions(Database& db, const std::string& parent, std::int64_t at_ms) {
    const auto rows = db.query(
        "SELECT code, name, parent_code, valid_from_ms, valid_until_ms FROM regions WHERE parent_code = ? AND "
        "valid_from_ms <= ? "
        "AND (valid_until_ms = 0 OR valid_until_ms > ?) ORDER BY code LIMIT 1000",
        {parent, at_ms, at_ms});
    if (!rows) return rows.error();
    v1::ListRegionsResponse response;
    for (const Row& row : *rows) {
        auto& region = *response.add_regions();
        region.set_code(row.text(0));
        region.set_name(row.text(1));
        region.set_parent_code(row.text(2));
        region.set_valid_from_ms(row.integer(3));
        region.set_valid_until_ms(row.integer(4));
    }
    return response;
}

Result<> put_regions(Database& db, const std::vector<v1::Region>& regions) {
    for (const auto& region : regions) {
        const auto parent = db.query("SELECT 1 FROM regions WHERE code = ?", {region.parent_code()});
        if (!parent) return parent.error();
        if (parent->empty()) return Errc::not_found;
        const auto put = db.execute(
            "INSERT INTO regions (code, name, parent_code, valid_from_ms, valid_until_ms) VALUES (?, ?, ?, ?, ?) ON "
            "CONFLICT (code) DO UPDATE SET "
            "name = excluded.name, parent_code = excluded.parent_code, valid_from_ms = excluded.valid_from_ms, "
            "valid_until_ms = excluded.valid_until_ms",
            {region.code(), region.name(), region.parent_code(), region.valid_from_ms(), region.valid_until_ms()});
        if (!put) return put.error();
    }
    return {};
}

}  // namespace livefair::ledger
