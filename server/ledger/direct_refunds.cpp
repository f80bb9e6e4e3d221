#include "ledger/direct_orders.hpp"

namespace livefair::ledger {
namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

/// Parts of the offer that wait to be sent.
Result<std::int64_t> count_waiting(Database& database, const OrderId& order) {
    const auto rows =
        database.query("SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM order_consignees WHERE order_id = ? AND state = 1",
                       {order.str()});
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

Result<> restock(Database& database, const DirectRefund& refund, std::int64_t count) {
    const auto lines = database.query(
        "SELECT l.stock_id, l.units / d.count FROM order_lines l JOIN direct_orders d ON d.order_id = l.order_id WHERE "
        "l.order_id = ? ORDER BY l.position",
        {refund.order.str()});
    if (!lines) return lines.error();
    for (const auto& line : *lines)
        TRY(database.execute("UPDATE stocks SET committed = committed - ? WHERE id = ?",
                             {line.integer(1) * count, line.text(0)}));
    TRY(database.execute("UPDATE direct_orders SET restocked_count = restocked_count + ? WHERE order_id = ?",
                         {count, refund.order.str()}));
    TRY(database.execute("UPDATE orders SET restocked_quantity = restocked_quantity + ? WHERE id = ?",
                         {refund.quantity, refund.order.str()}));
    return {};
}

}  // namespace

Result<std::int64_t> give_back_direct(Database& database, const DirectRefund& refund) {
    TRY(
        database.execute("INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) "
                         "VALUES (?, ?, 0, ?, 'refunds', 'outside', ?, ?)",
                         {refund.show.str(), "refund-" + refund.id, refund.order.str(), refund.amount_fen, refund.at_ms}));
    if (refund.quantity == 0) return 0;
    const auto count = count_waiting(database, refund.order);
    if (!count || *count == 0) return count;
    TRY(restock(database, refund, *count));
    return count;
}

#undef TRY

}  // namespace livefair::ledger
