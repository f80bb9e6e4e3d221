#pragma once

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class ShowTotals;
}

namespace livefair::ledger {

/// Orders, units, money and weight of a show as they are now: as a whole, per city (by the origin of each component)
/// and per product. Read from the sums that the ledger keeps (sales_sums.hpp): O(cities and products of the show).
/// `as_of_ms`: what the answer carries as its time. Errors: not_found - no such show.
Result<v1::ShowTotals> totals_of_show(Database& database, const ShowId& show, std::int64_t as_of_ms);

}  // namespace livefair::ledger
