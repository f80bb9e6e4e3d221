#pragma once

#include <cstdint>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class Fund;
class Inventory;
class ListFundPoolsResponse;
class ListFundsResponse;
class ListStocksResponse;
}  // namespace livefair::v1

/// How many units there are of a product, how much money a subsidy fund has, and who has what of it. Changes of what shows have are in
/// allocations.hpp. Free functions for the ledger's threads. Errors of all: ledger_unavailable.
namespace livefair::ledger {

class Database;

/// Errors: not_found - no such product.
Result<v1::Inventory> find_inventory(Database& db, const ProductId& product);
/// Says how many units there are for sale, sold ones included. From then on shows can't be given more than that.
/// Errors: not_found; conflict - shows have more already.
Result<> state_inventory(Database& db, const ProductId& product, std::int64_t total);
/// Stocks of a show, at most 1000.
Result<v1::ListStocksResponse> list_stocks(Database& db, const ShowId& show);

/// Errors: conflict - the id is taken; not_found - no such organisation.
Result<> create_fund(Database& db, const v1::Fund& fund, std::int64_t now_ms);
/// At most 1000, by name.
Result<v1::ListFundsResponse> list_funds(Database& db);
Result<v1::ListFundPoolsResponse> list_fund_pools(Database& db, const ShowId& show);

}  // namespace livefair::ledger
