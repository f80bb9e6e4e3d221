#include "ledger/refund_requests.hpp"

#include <algorithm>
#include <array>

#include "base/card_number.hpp"
#include "base/random.hpp"

namespace livefair::ledger {

namespace {

constexpr std::size_t reason_bytes_max = 80;
constexpr std::array<const char*, 4> state_names = {"asked", "accepted", "done", "failed"};

std::string name_of(RefundRequest::State state) {
    return state_names[static_cast<std::size_t>(state)];
}

RefundRequest::State state_of(const std::string& name) {
    const auto found = std::find(state_names.begin(), state_names.end(), name);
    return static_cast<RefundRequest::State>(found - state_names.begin());
}

/// The last: what the payment brought. Of a payment that is stray because the provider took another amount than was agreed
/// on, that is what the provider says.
constexpr const char* columns =
    "SELECT r.id, r.provider, r.payment_id, r.order_id, r.amount_fen, r.reason, r.state, r.tries, coalesce((SELECT "
    "s.amount_fen FROM stray_payments s WHERE s.provider = r.provider AND s.id = r.payment_id), (SELECT p.amount_fen FROM "
    "payments p WHERE p.provider = r.provider AND p.id = r.payment_id), 0) FROM refund_requests r ";

/// What the provider will never give back is a person's: it is not asked for again by itself.
constexpr const char* to_give_back =
    "SELECT d.provider, d.id, d.order_id, d.amount_fen FROM (SELECT provider, id, order_id, amount_fen FROM payments WHERE state = 'refund_due' "
    "AND refund_asked_fen = 0 UNION ALL SELECT provider, id, order_id, amount_fen FROM stray_payments WHERE refund_asked_fen = 0) d WHERE NOT "
    "EXISTS (SELECT 1 FROM refund_requests r WHERE r.order_id = d.order_id AND r.provider = d.provider AND r.payment_id = d.id) LIMIT 1000";

RefundRequest request_of(const Row& row) {
    return {{row.text(0), row.text(1), PaymentId(row.text(2)), OrderId(row.text(3)), row.integer(4), row.text(5)},
            state_of(row.text(6)),
            row.integer(7),
            row.integer(8)};
}

bool is_same(const RefundAsk& one, const RefundAsk& other) {
    return one.provider == other.provider && one.payment == other.payment && one.order == other.order &&
           one.amount_fen == other.amount_fen;
}

/// Adds `by` to what is asked of a payment, within its amount. Returns whether there was room. `table` is payments or
/// stray_payments, which share these columns.
Result<bool> claim(Database& database, const std::string& table, const RefundAsk& ask, std::int64_t by) {
    const auto settled = table == "payments" ? " AND state <> 'created'" : "";
    const auto rows = database.execute(
        "UPDATE " + table +
            " SET refund_asked_fen = refund_asked_fen + ? WHERE provider = ? AND id = ? AND order_id = ? AND "
            "refund_asked_fen + ? BETWEEN 0 AND amount_fen" +
            settled,
        {by, ask.provider, ask.payment.str(), ask.order.str(), by});
    // An error code converts to bool, so it has to be named as the error.
    if (!rows) return Result<bool>(boost::system::in_place_error, rows.error());
    return *rows == 1;
}

Result<bool> claim_anywhere(Database& database, const RefundAsk& ask, std::int64_t by) {
    const auto claimed = claim(database, "payments", ask, by);
    if (claimed.has_error() || *claimed) return claimed;
    return claim(database, "stray_payments", ask, by);
}

Result<bool> is_settled(Database& database, const RefundAsk& ask) {
    const auto rows = database.query(
        "SELECT 1 FROM payments WHERE provider = ? AND id = ? AND order_id = ? AND state <> 'created' UNION ALL "
        "SELECT 1 FROM stray_payments WHERE provider = ? AND id = ? AND order_id = ?",
        {ask.provider, ask.payment.str(), ask.order.str(), ask.provider, ask.payment.str(), ask.order.str()});
    if (!rows) return Result<bool>(boost::system::in_place_error, rows.error());
    return !rows->empty();
}

Result<> book_done(Database& database, const RefundAsk& ask, std::int64_t now_ms) {
    const auto order = database.query(
        "SELECT o.show_id FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.provider = ? AND p.id = ? AND p.state <> "
        "'created'",
        {ask.provider, ask.payment.str()});
    if (!order) return order.error();
    // A stray payment never came into the books, so its way back is not in them either.
    if (order->empty()) return {};
    const auto booked = database.execute(
        "INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) VALUES (?, ?, "
        "0, ?, 'refunds', 'provider', ?, ?)",
        {order->front().text(0), "refund-" + ask.id, ask.order.str(), ask.amount_fen, now_ms});
    if (!booked) return booked.error();
    return {};
}

}  // namespace

Result<bool> ask_refund(Database& database, const RefundAsk& ask, std::int64_t now_ms) {
    const auto refused = [](Errc code) { return Result<bool>(boost::system::in_place_error, make_error_code(code)); };
    if (!is_id_text(ask.id) || ask.amount_fen <= 0 || ask.reason.size() > reason_bytes_max ||
        has_card_number(ask.reason))
        return refused(Errc::invalid_input);
    const auto known = database.query(std::string(columns) + "WHERE id = ?", {ask.id});
    if (!known) return Result<bool>(boost::system::in_place_error, known.error());
    if (!known->empty())
        return is_same(request_of(known->front()).ask, ask) ? Result<bool>(false) : refused(Errc::conflict);

    const auto claimed = claim_anywhere(database, ask, ask.amount_fen);
    if (!claimed) return claimed;
    if (!*claimed) {
        const auto settled = is_settled(database, ask);
        if (!settled) return settled;
        return refused(*settled ? Errc::conflict : Errc::not_found);
    }
    const auto made = database.execute(
        "INSERT INTO refund_requests (id, provider, payment_id, order_id, amount_fen, reason, state, next_try_ms, "
        "asked_ms) VALUES (?, ?, ?, ?, ?, ?, 'asked', ?, ?)",
        {ask.id, ask.provider, ask.payment.str(), ask.order.str(), ask.amount_fen, ask.reason, now_ms, now_ms});
    if (!made) return Result<bool>(boost::system::in_place_error, made.error());
    return true;
}

Result<RefundablePayment> payment_of_order(Database& database, const OrderId& order) {
    const auto rows = database.query(
        "SELECT provider, id, amount_fen - refund_asked_fen FROM payments WHERE order_id = ? AND state = 'paid'",
        {order.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    return RefundablePayment{row.text(0), PaymentId(row.text(1)), row.integer(2)};
}

Result<std::int64_t> ask_due_refunds(Database& database, std::int64_t now_ms) {
    const auto rows = database.query(std::string(to_give_back));
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        const RefundAsk ask{"due_" + random_hex(12), row.text(0),    PaymentId(row.text(1)),
                            OrderId(row.text(2)),    row.integer(3), "订单未能成立，全额退回"};
        const auto asked = ask_refund(database, ask, now_ms);
        if (!asked) return asked.error();
    }
    return static_cast<std::int64_t>(rows->size());
}

Result<std::int64_t> count_due_refunds(Database& database) {
    const auto rows = database.query(to_give_back);
    if (!rows) return rows.error();
    return static_cast<std::int64_t>(rows->size());
}

Result<std::vector<RefundRequest>> due_refunds(Database& database, std::int64_t now_ms, std::int64_t count) {
    const auto rows =
        database.query(std::string(columns) +
                           "WHERE state IN ('asked', 'accepted') AND next_try_ms <= ? ORDER BY next_try_ms, id LIMIT ?",
                       {now_ms, count});
    if (!rows) return rows.error();
    std::vector<RefundRequest> requests;
    for (const auto& row : *rows) requests.push_back(request_of(row));
    return requests;
}

Result<> note_refund(Database& database, const RefundRequest& request, RefundRequest::State state,
                     const std::string& problem, std::int64_t now_ms, std::int64_t next_try_ms) {
    using State = RefundRequest::State;
    const bool is_settled = state == State::done || state == State::failed;
    const auto from = state == State::asked ? "state = 'asked'" : "state IN ('asked', 'accepted')";
    const auto moved = database.execute(
        std::string("UPDATE refund_requests SET state = ?, problem = ?, tries = tries + 1, next_try_ms = ?, settled_ms "
                    "= ? WHERE id = ? AND ") +
            from,
        {name_of(state), problem, next_try_ms, is_settled ? now_ms : 0, request.ask.id});
    if (!moved) return moved.error();
    if (*moved == 0) return {};
    if (state == State::done) return book_done(database, request.ask, now_ms);
    if (state == State::failed) {
        const auto released = claim_anywhere(database, request.ask, -request.ask.amount_fen);
        if (!released) return released.error();
    }
    return {};
}

}  // namespace livefair::ledger
