#include "commerce/sandbox_books.hpp"

namespace livefair::commerce::sandbox_books {

using ledger::Database;

namespace {

constexpr const char* columns = "SELECT id, order_id, amount_fen, state FROM sandbox_payments ";
constexpr std::int64_t statement_lines_max = 1000, day_ms = 86'400'000, east_8_ms = 8 * 3'600'000;

PaymentFact fact_of(const ledger::Row& row) {
    const auto& state = row.text(3);
    PaymentFact fact;
    fact.state = state == "paid"     ? PaymentFact::State::paid
                 : state == "closed" ? PaymentFact::State::closed
                                     : PaymentFact::State::open;
    fact.payment = PaymentId(row.text(0));
    fact.order = OrderId(row.text(1));
    fact.transaction_id = "sandbox-" + row.text(0);
    fact.amount_fen = row.integer(2);
    fact.currency = "CNY";
    return fact;
}

}  // namespace

Result<> open(Database& database, const PaymentAsk& ask, std::int64_t now_ms) {
    const auto made = database.execute(
        "INSERT INTO sandbox_payments (id, order_id, subject, amount_fen, state, created_ms, expire_ms) VALUES (?, ?, "
        "?, ?, 'open', ?, ?) ON CONFLICT DO NOTHING",
        {ask.payment.str(), ask.order.str(), ask.subject, ask.amount_fen, now_ms, ask.expire_ms});
    if (!made) return made.error();
    return {};
}

Result<PaymentFact> find(Database& database, const PaymentId& payment) {
    const auto rows = database.query(std::string(columns) + "WHERE id = ?", {payment.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    return fact_of(rows->front());
}

Result<PaymentFact> pay(Database& database, const PaymentId& payment, std::int64_t now_ms) {
    const auto paid = database.execute(
        "UPDATE sandbox_payments SET state = 'paid', paid_ms = ? WHERE id = ? AND state = 'open' AND expire_ms > ?",
        {now_ms, payment.str(), now_ms});
    if (!paid) return paid.error();
    auto fact = find(database, payment);
    if (fact && fact->state != PaymentFact::State::paid) return make_error_code(Errc::conflict);
    return fact;
}

Result<> close(Database& database, const PaymentId& payment) {
    const auto closed = database.execute("UPDATE sandbox_payments SET state = 'closed' WHERE id = ? AND state = 'open'",
                                         {payment.str()});
    if (!closed) return closed.error();
    const auto fact = find(database, payment);
    if (!fact) return fact.error();
    if (fact->state != PaymentFact::State::closed) return make_error_code(Errc::conflict);
    return {};
}

Result<RefundFact> refund(Database& database, const std::string& id, const PaymentId& payment, std::int64_t amount_fen,
                          std::int64_t now_ms) {
    const auto known = database.query("SELECT payment_id, amount_fen FROM sandbox_refunds WHERE id = ?", {id});
    if (!known) return known.error();
    if (!known->empty()) {
        const bool is_same = known->front().text(0) == payment.str() && known->front().integer(1) == amount_fen;
        if (!is_same) return make_error_code(Errc::conflict);
        return RefundFact{};
    }
    const auto fact = find(database, payment);
    if (!fact) return fact.error();
    const auto given =
        database.query("SELECT CAST(coalesce(sum(amount_fen), 0) AS BIGINT) FROM sandbox_refunds WHERE payment_id = ?",
                       {payment.str()});
    if (!given) return given.error();
    if (fact->state != PaymentFact::State::paid || amount_fen <= 0 ||
        amount_fen > fact->amount_fen - given->front().integer(0))
        return make_error_code(Errc::conflict);
    const auto made =
        database.execute("INSERT INTO sandbox_refunds (id, payment_id, amount_fen, created_ms) VALUES (?, ?, ?, ?)",
                         {id, payment.str(), amount_fen, now_ms});
    if (!made) return made.error();
    return RefundFact{};
}

Result<RefundFact> find_refund(Database& database, const std::string& id, std::int64_t now_ms, std::int64_t takes_ms) {
    const auto rows = database.query("SELECT created_ms FROM sandbox_refunds WHERE id = ?", {id});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const bool is_done = now_ms >= rows->front().integer(0) + takes_ms;
    return RefundFact{is_done ? RefundFact::State::done : RefundFact::State::accepted, {}};
}

Result<std::vector<PaymentFact>> statement(Database& database, std::int64_t day, const PaymentId& after) {
    const auto begin_ms = day * day_ms - east_8_ms;
    const auto rows = database.query(
        std::string(columns) + "WHERE state = 'paid' AND paid_ms >= ? AND paid_ms < ? AND id > ? ORDER BY id LIMIT ?",
        {begin_ms, begin_ms + day_ms, after.str(), statement_lines_max});
    if (!rows) return rows.error();
    std::vector<PaymentFact> lines;
    for (const auto& row : *rows) lines.push_back(fact_of(row));
    return lines;
}

}  // namespace livefair::commerce::sandbox_books
