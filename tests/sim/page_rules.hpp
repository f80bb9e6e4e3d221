#pragma once

#include <string>

namespace livefair::ledger {
class Database;
}

namespace livefair::sim {

/// What an order must be by the page that its offer showed at the order's version: price by tier, flash price and subsidy, gifts and the day.
/// Written apart from till_terms.lua. Empty: the order is so; else what is wrong with it.
std::string wrong_by_page(ledger::Database& database, const std::string& order);

}  // namespace livefair::sim
