#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/database.hpp"

/// The outbox of refunds through the payment provider. Free functions over a Database: call them inside
/// Ledger::write(), in the transaction of the decision that they follow from.
///
/// Who asks books what the refund is for (sales to refunds); the money that a late payment left in "refunds" is booked
/// already. When the provider has done it, note_refund() books refunds to provider.
namespace livefair::ledger {

struct RefundAsk {
    std::string id;  ///< 1 to 64 of [A-Za-z0-9_-]; the provider's idempotency key: one id, one refund.
    std::string provider;
    PaymentId payment;  ///< With provider: the payment that the money came by.
    OrderId order;
    std::int64_t amount_fen = 0;
    std::string reason;  ///< For the buyer, at most 80 bytes.
};

/// Puts a refund into the outbox; the worker of commerce::Refunds sends it. True: it is new; false: this very refund
/// was asked for before. Errors: invalid_input (id, amount or reason); not_found - no settled payment of that order has
/// this number; conflict - the id was used for another refund, or all refunds of the payment would exceed it.
Result<bool> ask_refund(Database& database, const RefundAsk& ask, std::int64_t now_ms);

/// A payment that has been settled, and how much of it no refund has asked for.
struct RefundablePayment {
    std::string provider;
    PaymentId payment;
    std::int64_t left_fen = 0;
};
/// The payment that paid the order. Errors: not_found - it is not paid.
Result<RefundablePayment> payment_of_order(Database& database, const OrderId& order);

/// Asks for the refund of every payment that came when its order could not take it, and of every stray one, once: also
/// when that fails.
/// Returns how many refunds it asked for.
Result<std::int64_t> ask_due_refunds(Database& database, std::int64_t now_ms);
/// How many it would ask for; for a read before the write.
Result<std::int64_t> count_due_refunds(Database& database);

struct RefundRequest {
    enum class State { asked, accepted, done, failed };
    RefundAsk ask;
    State state = State::asked;
    std::int64_t tries = 0;
    std::int64_t total_fen = 0;  ///< What the payment brought.
};
/// What the provider should be asked (or asked about) now, longest waiting first, at most `count`.
Result<std::vector<RefundRequest>> due_refunds(Database& database, std::int64_t now_ms, std::int64_t count);

/// Notes what the provider said, or that it said nothing (`state` stays what it was); the next try is at `next_try_ms`.
/// States only move forward: a request that is done or failed stays so. Done books refunds to provider once.
Result<> note_refund(Database& database, const RefundRequest& request, RefundRequest::State state,
                     const std::string& problem, std::int64_t now_ms, std::int64_t next_try_ms);

}  // namespace livefair::ledger
