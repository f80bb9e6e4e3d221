#pragma once

#include <catch2/catch.hpp>

#include "commerce/refunds.hpp"
#include "integration/till/shop.hpp"

/// A shop with one offer "box" at 99 yuan, and how its buyers "b1" and "b2" pay there.
namespace livefair::test {

inline void open_box(Shop& shop, std::int64_t stock, std::int64_t hold_ms = 600'000) {
    shop.add_stock("s1", stock);
    shop.add_offer("box", 9900, {{"s1", 1}}, 5, hold_ms);
    for (const auto* buyer : {"b1", "b2"}) shop.add_buyer(buyer);
    shop.start();
    shop.open("box");
}

inline std::int64_t state_of(Shop& shop, std::int64_t order) {
    return shop.number("SELECT state FROM orders WHERE id = '" + order_id(order) + "'");
}

/// A payment that the buyer has begun.
inline PaymentId begin_payment(Shop& shop, std::int64_t order, const std::string& buyer) {
    const auto made = shop.run(shop.gateways[0]->payments.create(AccountId(buyer), OrderId(order_id(order))));
    REQUIRE(made.has_value());
    return PaymentId(made->payment_id());
}

inline commerce::Refunds refunds_of(Shop& shop, const Clock& clock = system_clock()) {
    return {shop.io.get_executor(), *shop.ledger, clock, shop.gateways[0]->sandbox, {}};
}

}  // namespace livefair::test
