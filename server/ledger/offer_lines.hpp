#pragma once

#include <cstdint>
#include <vector>

#include "base/errc.hpp"

namespace livefair::v1 {
class Offer;
}

namespace livefair::ledger {

class Database;

/// Reads an offer's lines, and derives from their products what people see: unit, weight, origin, picture, supplier,
/// and `left` by the ledger's stock.
Result<> read_offer_lines(Database& db, v1::Offer& offer);

/// Writes an offer's lines with their shares of the price; see create_offer().
Result<> insert_offer_lines(Database& db, const v1::Offer& offer);

}  // namespace livefair::ledger
