#include "commerce/payment_rows.hpp"

#include "base/random.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {

/// The order that the payment was made for; empty when the ledger has no such payment.
Result<std::string> order_of_payment(Database& database, const std::string& provider, const PaymentId& payment) {
    const auto rows =
        database.query("SELECT order_id FROM payments WHERE provider = ? AND id = ?", {provider, payment.str()});
    if (!rows) return rows.error();
    return rows->empty() ? std::string() : rows->front().text(0);
}

Result<bool> is_others_money(Database& database, const std::string& provider, const PaymentFact& fact) {
    const auto rows = database.query(
        "SELECT 1 FROM payments WHERE provider = ? AND transaction_id = ? AND transaction_id <> '' AND id <> ?",
        {provider, fact.transaction_id, fact.payment.str()});
    // An error code converts to bool, so it has to be named as the error.
    if (!rows) return Result<bool>(boost::system::in_place_error, rows.error());
    return !rows->empty();
}

}  // namespace

Result<PaymentAsk> open_payment(Database& database, const std::string& provider, const AccountId& buyer,
                                const OrderId& order, std::int64_t now_ms) {
    const auto placed = ledger::find_placed(database, order);
    if (!placed) return placed.error();
    if (!*placed || (*placed)->buyer != buyer) return make_error_code(Errc::not_found);
    if ((*placed)->state != ledger::OrderState::reserved) return make_error_code(Errc::conflict);
    const auto title = database.query("SELECT title FROM orders WHERE id = ?", {order.str()});
    if (!title) return title.error();
    PaymentAsk ask{{}, order, (*placed)->amount_fen, title->front().text(0), (*placed)->hold_until_ms};

    const auto open = database.query(
        "SELECT id FROM payments WHERE order_id = ? AND state = 'created' AND closed_ms = 0 AND provider = ?",
        {order.str(), provider});
    if (!open) return open.error();
    if (!open->empty()) {
        ask.payment = PaymentId(open->front().text(0));
        return ask;
    }
    // At most 32 characters: the narrowest of the providers' rules.
    ask.payment = PaymentId("pay_" + random_hex(12));
    const auto made = database.execute(
        "INSERT INTO payments (provider, id, order_id, amount_fen, currency, state, created_ms) VALUES (?, ?, ?, ?, "
        "'CNY', 'created', ?)",
        {provider, ask.payment.str(), order.str(), ask.amount_fen, now_ms});
    if (!made) return made.error();
    return ask;
}

Result<Standing> read_standing(Database& database, const std::string& provider, const Verified& verified) {
    Standing standing;
    const auto& fact = verified.fact;
    const auto seen = database.query("SELECT 1 FROM webhook_events WHERE provider = ? AND event_id = ?",
                                     {provider, verified.event_id});
    if (!seen) return seen.error();
    standing.is_seen = !seen->empty();
    const auto made_for = order_of_payment(database, provider, fact.payment);
    if (!made_for) return made_for.error();
    auto order = ledger::find_placed(database, made_for->empty() ? fact.order : OrderId(*made_for));
    if (!order) return order.error();
    standing.order = std::move(*order);
    if (!standing.order) return standing;
    const auto other = is_others_money(database, provider, fact);
    if (!other) return other.error();

    if (!fact.order.empty() && fact.order != standing.order->id) standing.contradiction = "order";
    if (fact.amount_fen != standing.order->amount_fen) standing.contradiction = "amount";
    if (fact.currency != "CNY") standing.contradiction = "currency";
    if (*other) standing.contradiction = "transaction";
    return standing;
}

Result<> note_event(Database& database, const std::string& provider, const Verified& verified, std::int64_t now_ms) {
    const auto noted = database.execute(
        "INSERT INTO webhook_events (provider, event_id, payment_id, taken_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO "
        "NOTHING",
        {provider, verified.event_id, verified.fact.payment.str(), now_ms});
    if (!noted) return noted.error();
    if (verified.fact.transaction_id.empty()) return {};
    const auto named =
        database.execute("UPDATE payments SET transaction_id = ? WHERE provider = ? AND id = ? AND transaction_id = ''",
                         {verified.fact.transaction_id, provider, verified.fact.payment.str()});
    if (!named) return named.error();
    return {};
}

Result<> note_closed(Database& database, const std::string& provider, const PaymentId& payment, std::int64_t now_ms) {
    const auto closed = database.execute(
        "UPDATE payments SET closed_ms = ? WHERE provider = ? AND id = ? AND state = 'created' AND closed_ms = 0",
        {now_ms, provider, payment.str()});
    if (!closed) return closed.error();
    return {};
}

Result<> note_contradiction(Database& database, const ledger::PlacedOrder& order, const Verified& verified,
                            const std::string& why, std::int64_t now_ms) {
    const auto noted = database.execute(
        "INSERT INTO anomalies (show_id, stream_id, place, order_id, kind, detail, at_ms) VALUES (?, ?, 0, ?, "
        "'payment_contradicts', ?, ?) ON CONFLICT DO NOTHING",
        {order.show.str(), "webhook-" + verified.event_id, order.id.str(),
         why + " of " + verified.fact.payment.str() + ": " + std::to_string(verified.fact.amount_fen), now_ms});
    if (!noted) return noted.error();
    return {};
}

Result<std::vector<OpenPayment>> open_payments(Database& database, const std::string& provider,
                                               const std::vector<OrderId>& orders) {
    std::vector<OpenPayment> open;
    for (const auto& order : orders) {
        const auto rows = database.query(
            "SELECT p.id, o.hold_until_ms FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.order_id = ? AND "
            "p.state = 'created' AND p.closed_ms = 0 AND p.provider = ?",
            {order.str(), provider});
        if (!rows) return rows.error();
        for (const auto& row : *rows) open.push_back({PaymentId(row.text(0)), order, row.integer(1)});
    }
    return open;
}

}  // namespace livefair::commerce
