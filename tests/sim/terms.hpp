#pragma once

#include <cstdint>

namespace livefair::v1 {
class OfferTerms;
}

namespace livefair::sim {

class Random;

/// Terms for offer `number`, whose price is about 1000 fen times its number: tiers, a flash price around now, order days, what happens when its gift is
/// gone. The second's fund pays 100 fen of each.
v1::OfferTerms terms_of(Random& random, std::int64_t number, bool has_gift);

}  // namespace livefair::sim
