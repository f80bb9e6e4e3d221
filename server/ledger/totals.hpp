#pragma once

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class ShowTotals;
}

namespace livefair::ledger {

/// Orders, units, money and weight of a show: as a whole, per city (by the origin of each component) and per product.
/// Each figure is a plain sum over ledger rows of one snapshot, so the same query gives the same numbers at any later
/// time. O(order lines of the show). `as_of_ms`: what the answer carries as its time. Errors: not_found - no such show.
Result<v1::ShowTotals> totals_of_show(Database& database, const ShowId& show, std::int64_t as_of_ms);

}  // namespace livefair::ledger
