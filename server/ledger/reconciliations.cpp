#include "ledger/reconciliations.hpp"

#include <livefair/v1/totals.pb.h>

namespace livefair::ledger {

Result<std::vector<EndedShow>> shows_to_recount(Database& database) {
    // 3 is ENDED, channels 3 and 4 have no till. The kept sum spares most looks at all orders; where it says that some are held, they are looked for.
    const auto rows = database.query(
        "SELECT s.id, t.show_id IS NOT NULL FROM shows s LEFT JOIN tills t ON t.show_id = s.id WHERE s.state = 3 AND (t.show_id IS NOT NULL OR "
        "s.channel IN (3, 4)) AND NOT EXISTS (SELECT 1 FROM reconciliations r WHERE r.show_id = s.id) AND NOT EXISTS (SELECT 1 FROM "
        "allocation_changes c WHERE c.show_id = s.id AND c.state < 3) AND (coalesce((SELECT m.orders_held FROM sales_sums m WHERE m.show_id = s.id "
        "AND m.dimension = 1), 0) = 0 OR NOT EXISTS (SELECT 1 FROM orders o WHERE o.show_id = s.id AND o.state = 1)) ORDER BY s.id");
    if (!rows) return rows.error();
    std::vector<EndedShow> shows;
    for (const auto& row : *rows) shows.push_back({ShowId(row.text(0)), row.integer(1) != 0});
    return shows;
}

Result<> note_reconciliation(Database& database, const Reconciliation& reconciliation) {
    const auto noted = database.execute(
        "INSERT INTO reconciliations (show_id, at_ms, differences, first_difference) VALUES (?, ?, ?, ?)",
        {reconciliation.show.str(), reconciliation.at_ms, reconciliation.differences, reconciliation.first_difference});
    if (!noted) return noted.error();
    return {};
}

Result<v1::ListReconciliationsResponse> list_reconciliations(Database& database) {
    const auto rows = database.query(
        "SELECT r.show_id, s.title, r.at_ms, r.differences, r.first_difference FROM reconciliations r JOIN shows s ON "
        "s.id "
        "= r.show_id ORDER BY r.at_ms DESC, r.show_id LIMIT 50");
    if (!rows) return rows.error();
    v1::ListReconciliationsResponse response;
    for (const auto& row : *rows) {
        auto& one = *response.add_reconciliations();
        one.set_show_id(row.text(0));
        one.set_title(row.text(1));
        one.set_at_ms(row.integer(2));
        one.set_differences(row.integer(3));
        one.set_first_difference(row.text(4));
    }
    return response;
}

Result<std::int64_t> count_differences(Database& database) {
    const auto rows = database.query(
        "SELECT sum(r.differences) FROM reconciliations r WHERE NOT EXISTS (SELECT 1 FROM reconciliations n WHERE "
        "n.show_id "
        "= r.show_id AND n.at_ms > r.at_ms)");
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

}  // namespace livefair::ledger
