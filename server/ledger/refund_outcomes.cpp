#include "ledger/fulfilment.hpp"
#include "ledger/refunds.hpp"

/// What comes after the decision: goods back on sale, the provider's answer.
namespace livefair::ledger {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

Result<std::vector<Restock>> due_restocks(Database& database, std::int64_t count) {
    const auto shows = database.query("SELECT DISTINCT show_id FROM refunds WHERE restock = 1");
    if (!shows) return shows.error();
    std::vector<Restock> due;
    for (const auto& show : *shows) {
        const auto rows = database.query(
            "SELECT id, order_id, quantity FROM refunds WHERE restock = 1 AND show_id = ? ORDER BY decided_ms, id "
            "LIMIT ?",
            {show.text(0), count});
        if (!rows) return rows.error();
        for (const auto& row : *rows)
            due.push_back({row.text(0), ShowId(show.text(0)), OrderId(row.text(1)), row.integer(2)});
    }
    return due;
}

Result<std::int64_t> note_restocked(Database& database, const std::string& refund, const OrderId& order) {
    const auto taken = database.execute("UPDATE refunds SET restock = 2 WHERE id = ? AND order_id = ? AND restock = 1",
                                        {refund, order.str()});
    if (!taken || *taken == 0) return taken;
    const auto lines = database.query(
        "SELECT l.stock_id, l.units / o.quantity * r.quantity, r.quantity FROM order_lines l JOIN orders o ON o.id = "
        "l.order_id "
        "JOIN refunds r ON r.order_id = o.id WHERE r.id = ? ORDER BY l.position",
        {refund});
    if (!lines) return lines.error();
    for (const auto& line : *lines)
        TRY(database.execute("UPDATE stocks SET committed = committed - ? WHERE id = ?",
                             {line.integer(1), line.text(0)}));
    TRY(
        database.execute("UPDATE orders SET restocked_quantity = restocked_quantity + (SELECT quantity FROM refunds "
                         "WHERE id = ?) WHERE id = ?",
                         {refund, order.str()}));
    return 1;
}

Result<std::vector<OrderId>> follow_refunds(Database& database, std::int64_t now_ms, std::int64_t count) {
    const auto rows = database.query(
        "SELECT f.id, f.show_id, f.order_id, q.state, q.problem, q.id FROM refunds f JOIN refund_requests q ON q.id = f.request_id "
        "WHERE "
        "f.state = 2 AND q.state IN ('done', 'failed') ORDER BY f.decided_ms, f.id LIMIT ?",
        {count});
    if (!rows) return rows.error();
    std::vector<OrderId> changed;
    for (const auto& row : *rows) {
        TRY(settle_refund(database, {row.text(0), row.text(5), ShowId(row.text(1)), OrderId(row.text(2)),
                                     row.text(3) == "done", {}, AccountId(), row.text(4), now_ms}));
        changed.emplace_back(row.text(2));
    }
    return changed;
}

Result<> settle_refund(Database& database, const SettledRefund& settled) {
    const auto state = settled.is_done ? RefundState::done : RefundState::failed;
    TRY(database.execute("UPDATE refunds SET state = ?, settled_ms = ? WHERE id = ? AND state = 2",
                         {static_cast<std::int64_t>(state), settled.at_ms, settled.refund}));
    const std::string kind = settled.is_done ? "refund_paid" : "refund_failed";
    const bool is_outside = settled.request.empty();
    const auto detail = is_outside ? settled.refund + " " + settled.reference : settled.refund;
    // Of the same moment as its acceptance, it stands behind that in the history: its id is longer.
    const auto id = "led-" + kind + "-" + (is_outside ? "outside-" + settled.refund : settled.request);
    TRY(note_event(database, {id, settled.show, settled.order, kind, detail, settled.by,
                              settled.why, settled.at_ms}));
    TRY(
        database.execute("UPDATE orders SET progress = 5 WHERE id = ? AND progress = 4 AND NOT EXISTS (SELECT 1 FROM "
                         "refunds f WHERE f.order_id = orders.id AND f.state IN (2, 5))",
                         {settled.order.str()}));
    return {};
}

Result<std::int64_t> count_answered_refunds(Database& database) {
    const auto rows = database.query(
        "SELECT count(*) FROM refunds f JOIN refund_requests q ON q.id = f.request_id WHERE f.state = 2 AND q.state IN "
        "('done', "
        "'failed')");
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

#undef TRY

}  // namespace livefair::ledger
