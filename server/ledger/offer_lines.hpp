#pragma once

#include <cstdint>
#include <vector>

#include "base/errc.hpp"

namespace livefair::v1 {
class Offer;
}

namespace livefair::ledger {

class Database;

/// Splits `price_fen` by weights: each share is rounded down to whole fen and the last gets what remains, so that the
/// shares always add up. Weights are grams of one offer, each at least 1; at least one weight. Errors: too_large - the
/// weights' sum or a product overflows.
Result<std::vector<std::int64_t>> split_price(std::int64_t price_fen, const std::vector<std::int64_t>& weights_g);

/// Reads an offer's lines, and derives from their products what people see: unit, weight, origin, picture, supplier,
/// and `left` by the ledger's stock.
Result<> read_offer_lines(Database& db, v1::Offer& offer);

/// Writes an offer's lines with their shares of the price; see create_offer().
Result<> insert_offer_lines(Database& db, const v1::Offer& offer);

}  // namespace livefair::ledger
