#pragma once

#include <optional>

#include "api/problem.hpp"
#include "ledger/quotes.hpp"

/// What bodies of bulk orders and of what leads to them must hold, and why the ledger refuses one. As api/checks.hpp.
namespace livefair::v1 {
class GiftOrder;
class StallOrder;
}

namespace livefair::api {

std::optional<Problem> check(const v1::Quote& quote);
std::optional<Problem> check(const v1::QuoteOrder& order);
std::optional<Problem> check(const v1::StallOrder& order);
std::optional<Problem> check(const v1::GiftOrder& order);
std::optional<Problem> check(const v1::PurchaseIntent& intent);
std::optional<Problem> check(const v1::SupplyAgreement& agreement);
/// How an order was paid: 1 to 60 shown characters.
std::optional<Problem> check_reference(const std::string& reference);
/// At most 200 shown characters, may be empty.
std::optional<Problem> check_why(const std::string& why);

/// Not for `taken`.
Problem problem_of_outcome(ledger::DirectOutcome outcome);
Problem problem_of_quote(const ledger::QuoteAnswer& answer);

}  // namespace livefair::api
