#include "sim/terms.hpp"

#include <livefair/v1/catalog.pb.h>

#include "base/clock.hpp"
#include "sim/random.hpp"

namespace livefair::sim {

v1::OfferTerms terms_of(Random& random, std::int64_t number, bool has_gift) {
    v1::OfferTerms terms;
    if (number == 2) {
        terms.set_fund_id("fund1");
        terms.set_subsidy_fen(100);
    }
    auto lowest = number * 900;
    const auto tiers = random.one_in(3) ? random.between(1, 2) : 0;
    for (std::int64_t i = 0; i < tiers; ++i) {
        auto& tier = *terms.add_tiers();
        tier.set_from_quantity(2 + i);
        tier.set_price_fen(lowest -= random.between(1, 50));
    }
    if (random.one_in(3)) {
        terms.set_flash_price_fen(random.between(number * 700, number * 950));
        terms.set_flash_from_ms(system_clock().unix_ms() + random.between(-500, 800));
        terms.set_flash_until_ms(terms.flash_from_ms() + random.between(10, 1500));
    }
    if (has_gift) terms.set_gift_rule(random.one_in(2) ? v1::GIFT_RULE_REFUSE : v1::GIFT_RULE_SELL_WITHOUT);
    // Runs begin on a Tuesday; some reach Wednesday.
    if (random.one_in(5)) terms.add_order_days(static_cast<std::int32_t>(random.between(2, 3)));
    return terms;
}

}  // namespace livefair::sim
