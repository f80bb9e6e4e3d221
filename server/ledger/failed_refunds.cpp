#include "base/random.hpp"
#include "ledger/fulfilment.hpp"
#include "ledger/refund_requests.hpp"
#include "ledger/refunds.hpp"

/// What staff does about a refund that the provider has refused for good.
namespace livefair::ledger {
namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

using Outcome = RefundAnswer::Outcome;

struct Refused {
    RefundState state = RefundState::failed;
    OrderId order;
    std::int64_t amount_fen = 0;
    AccountId decided_by, buyer;
    std::string reference;
    std::string request;  ///< The newest at the provider; empty: it was never asked.
    std::int64_t order_refunded_fen = 0;
};

Result<Refused> read_refused(Database& database, const FailedRefund& failed) {
    const auto rows = database.query(
        "SELECT f.state, f.order_id, f.amount_fen, f.decided_by, o.buyer_id, f.reference, f.request_id, o.refunded_fen "
        "FROM refunds f JOIN orders o ON o.id = f.order_id WHERE f.id = ? AND f.show_id = ?",
        {failed.id, failed.show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    return Refused{static_cast<RefundState>(row.integer(0)),
                   OrderId(row.text(1)),
                   row.integer(2),
                   AccountId(row.text(3)),
                   AccountId(row.text(4)),
                   row.text(5),
                   row.text(6),
                   row.integer(7)};
}

/// Owed again, once: with PostgreSQL two members of staff may be at it at once.
Result<bool> reopen(Database& database, const FailedRefund& failed, const std::string& request) {
    const auto moved = database.execute(
        "UPDATE refunds SET state = 2, settled_ms = 0, request_id = ?, reference = ? WHERE id = ? AND state = 5",
        {request, failed.reference, failed.id});
    // An error code converts to bool, so it has to be named as the error.
    if (!moved) return Result<bool>(boost::system::in_place_error, moved.error());
    return *moved == 1;
}

/// The same money by the same payment, under another number.
Result<> ask_as(Database& database, const std::string& request, const Refused& refund, std::int64_t at_ms) {
    const auto before = database.query("SELECT provider, payment_id, reason FROM refund_requests WHERE id = ?", {refund.request});
    if (!before) return before.error();
    if (before->empty()) return make_error_code(Errc::conflict);
    const auto& row = before->front();
    TRY(ask_refund(database, {request, row.text(0), PaymentId(row.text(1)), refund.order, refund.amount_fen, row.text(2)},
                   at_ms));
    return {};
}

}  // namespace

Result<RefundAnswer> ask_again(Database& database, const FailedRefund& failed) {
    const auto refund = read_refused(database, failed);
    if (!refund) return refund.error();
    // A second click, or a colleague's, finds it on its way.
    const bool is_repeated = !refund->request.empty() && refund->request != failed.id && refund->reference.empty();
    if (refund->state != RefundState::failed)
        return RefundAnswer{is_repeated ? Outcome::taken : Outcome::not_failed, refund->state};
    // To the number before, the provider has said no for good.
    const auto request = "again_" + random_hex(12);
    const auto reopened = reopen(database, failed, request);
    if (!reopened) return reopened.error();
    if (!*reopened) return RefundAnswer{Outcome::not_failed};
    TRY(ask_as(database, request, *refund, failed.at_ms));
    TRY(note_event(database, {"led-refund_asked_again-" + request, failed.show, refund->order, "refund_asked_again",
                              failed.id, failed.by, failed.why, failed.at_ms}));
    return RefundAnswer{Outcome::taken, RefundState::accepted};
}

Result<RefundAnswer> settle_outside(Database& database, const FailedRefund& failed) {
    const auto refund = read_refused(database, failed);
    if (!refund) return refund.error();
    const bool is_repeated = !refund->request.empty() && refund->reference == failed.reference;
    if (refund->state != RefundState::failed)
        return RefundAnswer{is_repeated ? Outcome::taken : Outcome::not_failed, refund->state};
    // Who agreed has said that the money goes back; where to is said by somebody else.
    const bool is_large = refund->order_refunded_fen > failed.four_eyes_fen;
    if (refund->buyer == failed.by || (is_large && refund->decided_by == failed.by))
        return RefundAnswer{Outcome::own, refund->state};
    const auto reopened = reopen(database, failed, refund->request);
    if (!reopened) return reopened.error();
    if (!*reopened) return RefundAnswer{Outcome::not_failed};
    TRY(
        database.execute("INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) "
                         "VALUES (?, ?, 0, ?, 'refunds', 'outside', ?, ?)",
                         {failed.show.str(), "refund-outside-" + failed.id, refund->order.str(), refund->amount_fen,
                          failed.at_ms}));
    TRY(settle_refund(database, {failed.id, {}, failed.show, refund->order, true, failed.reference, failed.by,
                                 failed.why, failed.at_ms}));
    return RefundAnswer{Outcome::taken, RefundState::done};
}

#undef TRY

}  // namespace livefair::ledger
