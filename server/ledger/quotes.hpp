#pragma once

#include "base/id.hpp"
#include "ledger/direct_orders.hpp"

namespace livefair::v1 {
class ListAgreementsResponse;
class ListIntentsResponse;
class ListQuotesResponse;
class PurchaseIntent;
class Quote;
class QuoteOrder;
class SupplyAgreement;
}  // namespace livefair::v1

/// What leads to a bulk order: quotes, purchase intents (意向采购), supply agreements (产销协议). None of them is an
/// order or in any total; an intent or agreement that a quote names is converted with the quote's order, once. Free
/// functions over a Database. Fields are checked by the API. Errors of create: conflict - the id exists; not_found -
/// something that is named does not exist. Of all: ledger_unavailable.
namespace livefair::ledger {

/// Who does it, when.
struct Actor {
    AccountId by;
    std::int64_t at_ms = 0;
};

/// Errors besides: invalid_input - the intent is of another show or organisation, the agreement of another buyer.
Result<> create_quote(Database& database, const v1::Quote& quote, const Actor& actor);
/// Newest first, at most 200.
Result<v1::ListQuotesResponse> list_quotes(Database& database, const ShowId& show);
/// Errors: not_found; conflict - it is ordered. Again: nothing changes.
Result<> withdraw_quote(Database& database, const ShowId& show, const std::string& quote);

enum class QuoteOutcome {
    taken,
    refused,   ///< By the order itself, see `order`.
    not_open,  ///< Ordered by another order, or withdrawn.
    expired,
    below_minimum,
    used_intent,     ///< The intent or agreement became another order, or was withdrawn.
};
struct QuoteAnswer {
    QuoteOutcome outcome = QuoteOutcome::taken;
    DirectOutcome order = DirectOutcome::taken;
};
/// The organisation takes the quote: its order, reserved until it is paid. Errors: not_found; conflict.
Result<QuoteAnswer> order_by_quote(Database& database, const ShowId& show, const std::string& quote,
                                   const v1::QuoteOrder& order, const Actor& actor);

Result<> create_intent(Database& database, const v1::PurchaseIntent& intent, const Actor& actor);
Result<v1::ListIntentsResponse> list_intents(Database& database, const ShowId& show);
/// Errors: not_found; conflict - it is converted.
Result<> withdraw_intent(Database& database, const ShowId& show, const std::string& intent);

Result<> create_agreement(Database& database, const v1::SupplyAgreement& agreement, const Actor& actor);
/// Newest first, at most 200.
Result<v1::ListAgreementsResponse> list_agreements(Database& database);
/// Draft becomes signed; draft or signed becomes ended. Again: nothing changes. Errors: not_found; conflict - it has
/// gone on already.
Result<> sign_agreement(Database& database, const std::string& agreement);
Result<> end_agreement(Database& database, const std::string& agreement);

}  // namespace livefair::ledger
