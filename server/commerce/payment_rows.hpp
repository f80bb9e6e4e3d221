#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commerce/payment_provider.hpp"
#include "ledger/database.hpp"
#include "ledger/orders.hpp"

/// The ledger's rows of payments and their webhooks. Free functions over a Database: call them inside Ledger::read() or
/// write().
namespace livefair::commerce {

/// The order's open payment at this provider, made when there is none: two clicks are one payment.
/// Errors: not_found (no such order of the buyer's), conflict (it is not RESERVED).
Result<PaymentAsk> open_payment(ledger::Database& database, const std::string& provider, const AccountId& buyer,
                                const OrderId& order, std::int64_t now_ms);

/// What the ledger knows of a webhook before its effect.
struct Standing {
    bool is_seen = false;
    std::optional<ledger::PlacedOrder> order;  ///< As the webhook or the payment's row names it.
    std::string contradiction;                 ///< Why this can't be what was agreed; empty: it can.
};
Result<Standing> read_standing(ledger::Database& database, const std::string& provider, const Verified& verified);

/// Another event of a payment whose effect, if any, is in the ledger already; and the provider's number of the money.
Result<> note_event(ledger::Database& database, const std::string& provider, const Verified& verified,
                    std::int64_t now_ms);
/// The provider takes no more money for the payment. A payment that is settled stays what it is.
Result<> note_closed(ledger::Database& database, const std::string& provider, const PaymentId& payment,
                     std::int64_t now_ms);
/// A signed webhook that is not what was agreed, for a person to look at.
Result<> note_contradiction(ledger::Database& database, const ledger::PlacedOrder& order, const Verified& verified,
                            const std::string& why, std::int64_t now_ms);

/// A payment of an unpaid order that may still bring money.
struct OpenPayment {
    PaymentId payment;
    OrderId order;
    std::int64_t hold_until_ms = 0;
};
/// Of these orders at this provider.
Result<std::vector<OpenPayment>> open_payments(ledger::Database& database, const std::string& provider,
                                               const std::vector<OrderId>& orders);

}  // namespace livefair::commerce
