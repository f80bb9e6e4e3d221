// What happens to orders that the ledger has: they end, are taken again, paid and refunded.
#include "ledger/order_terms.hpp"
#include "ledger/refunds.hpp"
#include "ledger/show_projection.hpp"

namespace livefair::ledger {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

Result<std::vector<ShowProjection::Held>> ShowProjection::find_held() {
    const auto rows =
        database_.query("SELECT buyer_id, offer_id, state, amount_fen, fund_id, subsidy_fen, quantity FROM orders WHERE id = ? AND show_id = ?",
                        {order().id, show()});
    if (!rows) return rows.error();
    std::vector<Held> found;
    for (const auto& row : *rows)
        found.push_back({row.text(0), row.text(1), static_cast<OrderState>(row.integer(2)), row.integer(3), row.text(4),
                         row.integer(5), row.integer(6)});
    return found;
}

Result<std::vector<StockUnits>> ShowProjection::lines_of(const Held& held) {
    const auto rows = database_.query(
        "SELECT stock_id, units FROM order_lines WHERE order_id = ? ORDER BY position", {order().id});
    if (!rows) return rows.error();
    std::vector<StockUnits> lines;
    for (const auto& row : *rows) lines.push_back({row.text(0), row.integer(1)});
    if (held.subsidy_fen > 0) lines.push_back({"$" + held.fund, held.subsidy_fen});
    return sum_units(lines, 1);
}

Result<> ShowProjection::set_state(OrderState state) {
    TRY(database_.execute("UPDATE orders SET state = ? WHERE id = ?",
                          {static_cast<std::int64_t>(state), order().id}));
    return {};
}

Result<> ShowProjection::entries_of_hold(std::int64_t amount_fen, std::int64_t subsidy_fen, bool begins) {
    TRY(begins ? entry("receivable", "reserved", amount_fen) : entry("reserved", "receivable", amount_fen));
    if (subsidy_fen == 0) return {};
    return begins ? entry("fund_receivable", "fund_reserved", subsidy_fen) : entry("fund_reserved", "fund_receivable", subsidy_fen);
}

Result<> ShowProjection::closed(OrderState state) {
    const auto held = find_held();
    if (!held) return held.error();
    if (held->empty()) return anomaly("event_without_order", kind());
    TRY(event(kind()));
    // The ledger may have refused the order before the till heard of it; then its stock is not counted any more.
    if (held->front().state != OrderState::reserved) return {};
    const auto lines = lines_of(held->front());
    if (!lines) return lines.error();
    for (const auto& line : *lines) TRY(give_back(line));
    TRY(set_state(state));
    const auto counted = counted_lines(database_, order().id);
    if (!counted) return counted.error();
    sums_.release(*counted);
    changed(held->front().buyer, state);
    return entries_of_hold(held->front().amount_fen, held->front().subsidy_fen, false);
}

Result<> ShowProjection::refused() {
    const auto held = find_held();
    if (!held) return held.error();
    return held->empty() ? anomaly("event_without_order", kind()) : event(kind());
}

Result<> ShowProjection::taken_again() {
    const auto held = find_held();
    if (!held) return held.error();
    if (held->empty()) return anomaly("event_without_order", kind());
    if (held->front().state != OrderState::expired) {
        TRY(event("taken_again"));
        return anomaly("taken_again_unexpected", std::string(to_string(held->front().state)));
    }
    const auto lines = lines_of(held->front());
    if (!lines) return lines.error();
    const auto short_stocks = commit_units(*lines);
    if (!short_stocks) return short_stocks.error();
    TRY(event("taken_again", join_stocks(*short_stocks)));
    if (!short_stocks->empty()) {
        TRY(set_state(OrderState::refused));
        changed(held->front().buyer, OrderState::refused);
        refuse(held->front().offer, *short_stocks);
        return anomaly("over_cap", "held anew for a late payment, but the ledger does not have it");
    }
    TRY(set_state(OrderState::reserved));
    const auto counted = counted_lines(database_, order().id);
    if (!counted) return counted.error();
    sums_.hold(*counted);
    changed(held->front().buyer, OrderState::reserved);
    return entries_of_hold(held->front().amount_fen, held->front().subsidy_fen, true);
}

Result<> ShowProjection::paid() {
    const auto held = find_held();
    if (!held) return held.error();
    if (held->empty()) return anomaly("payment_without_order", entry_->field("p"));
    // Money for an order that the ledger does not hold is never a sale.
    if (held->front().state != OrderState::reserved) return refund_due();
    const auto taken = take_payment("paid");
    if (!taken) return taken.error();
    if (*taken == 0) return anomaly("payment_twice", entry_->field("p"));
    TRY(event("paid", entry_->field("p")));
    TRY(database_.execute("UPDATE orders SET state = ?, paid_ms = ? WHERE id = ?",
                          {static_cast<std::int64_t>(OrderState::paid), at_ms_, order().id}));
    const auto counted = counted_lines(database_, order().id);
    if (!counted) return counted.error();
    sums_.pay(*counted, held->front().buyer);
    changed(held->front().buyer, OrderState::paid);
    TRY(entry("provider", "receivable", held->front().amount_fen));
    TRY(entry("reserved", "sales", held->front().amount_fen));
    if (held->front().subsidy_fen == 0) return {};
    return entry("fund_reserved", "subsidies", held->front().subsidy_fen);
}

Result<> ShowProjection::refund_due() {
    const auto held = find_held();
    if (!held) return held.error();
    if (held->empty()) return anomaly("payment_without_order", entry_->field("p"));
    const auto taken = take_payment("refund_due");
    if (!taken) return taken.error();
    if (*taken == 0) return anomaly("payment_twice", entry_->field("p"));
    TRY(event("refund_due", entry_->field("p")));
    TRY(database_.execute("UPDATE orders SET refund_due_fen = refund_due_fen + ? WHERE id = ?",
                          {held->front().amount_fen, order().id}));
    sums_.owe_back(held->front().amount_fen);
    changed(held->front().buyer, held->front().state);
    return entry("provider", "refunds", held->front().amount_fen);
}

Result<> ShowProjection::refunded() {
    const auto held = find_held();
    if (!held) return held.error();
    if (held->empty()) return anomaly("event_without_order", kind());
    const auto taken = note_restocked(database_, entry_->field("r"), OrderId(order().id));
    if (!taken) return taken.error();
    TRY(event("refunded", entry_->field("r")));
    if (*taken == 0) return anomaly("restock_unexpected", entry_->field("r"));
    if (held->front().subsidy_fen == 0) return {};
    const auto back = database_.query("SELECT quantity FROM refunds WHERE id = ?", {entry_->field("r")});
    if (!back) return back.error();
    // A subsidy is so much for each offer of the order.
    const auto subsidy_fen = held->front().subsidy_fen / held->front().quantity * back->front().integer(0);
    TRY(return_subsidy(database_, summary_.show, held->front().fund, subsidy_fen));
    return entry("subsidies", "fund_receivable", subsidy_fen);
}

Result<std::int64_t> ShowProjection::take_payment(const char* state) {
    TRY(
        database_.execute("INSERT INTO payments (provider, id, order_id, amount_fen, currency, state, created_ms) "
                          "VALUES (?, ?, ?, (SELECT amount_fen FROM orders WHERE id = ?), 'CNY', 'created', ?) ON "
                          "CONFLICT DO NOTHING",
                          {entry_->field("v"), entry_->field("p"), order().id, order().id, at_ms_}));
    const auto settled = database_.execute(
        "UPDATE payments SET state = ?, settled_ms = ? WHERE provider = ? AND id = ? AND order_id = ? AND state = "
        "'created'",
        {std::string(state), at_ms_, entry_->field("v"), entry_->field("p"), order().id});
    if (!settled) return settled.error();
    TRY(
        database_.execute("INSERT INTO webhook_events (provider, event_id, payment_id, taken_ms) VALUES (?, ?, ?, "
                          "?) ON CONFLICT DO NOTHING",
                          {entry_->field("v"), entry_->field("e"), entry_->field("p"), at_ms_}));
    return *settled;
}

#undef TRY

}  // namespace livefair::ledger
