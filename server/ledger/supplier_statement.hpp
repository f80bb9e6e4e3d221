#pragma once

#include <cstdint>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class SupplierStatement;
}

namespace livefair::ledger {

/// What a show's buyers have paid to each supplier: counted from the lines of paid orders, never moved. The money is at
/// the payment provider in the suppliers' name; the platform's own account never holds it. Kinds of orders stand apart.
/// due = paid - refunded + subsidy, the subsidy of units that went back left out (rounded against the supplier, by
/// line). Errors: not_found - no such show.
Result<v1::SupplierStatement> statement_of_show(Database& database, const ShowId& show, std::int64_t as_of_ms);

}  // namespace livefair::ledger
