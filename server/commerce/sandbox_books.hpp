#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commerce/payment_provider.hpp"
#include "ledger/database.hpp"

/// What the sandbox, as a payment provider, keeps of payments and refunds: tables of its own, which the sale never
/// reads. Free functions over a Database: call them inside Ledger::read() or write().
namespace livefair::commerce::sandbox_books {

/// Opens a payment; the same number again changes nothing.
Result<> open(ledger::Database& database, const PaymentAsk& ask, std::int64_t now_ms);
/// Errors: not_found.
Result<PaymentFact> find(ledger::Database& database, const PaymentId& payment);
/// The buyer pays. Paid twice is paid once. Errors: not_found; conflict - closed, or its time is over.
Result<PaymentFact> pay(ledger::Database& database, const PaymentId& payment, std::int64_t now_ms);
/// Closed twice is closed once. Errors: not_found; conflict - it is paid.
Result<> close(ledger::Database& database, const PaymentId& payment);
/// The same id again changes nothing. Errors: not_found; conflict - not paid, more than was paid, or the id stands for
/// another refund.
Result<RefundFact> refund(ledger::Database& database, const std::string& id, const PaymentId& payment,
                          std::int64_t amount_fen, std::int64_t now_ms);
/// A refund is done `takes_ms` after it was asked for. Errors: not_found.
Result<RefundFact> find_refund(ledger::Database& database, const std::string& id, std::int64_t now_ms,
                               std::int64_t takes_ms);
/// As PaymentProvider::statement().
Result<std::vector<PaymentFact>> statement(ledger::Database& database, std::int64_t day, const PaymentId& after);

}  // namespace livefair::commerce::sandbox_books
