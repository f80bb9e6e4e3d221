#pragma once

#include <livefair/v1/catalog.pb.h>

#include <string>
#include <vector>

#include "ledger/catalog.hpp"
#include "unit/server/ledger/fresh_database.hpp"

namespace livefair::test {

/// The show "show".
inline void add_show(ledger::Database& database) {
    v1::Show show;
    show.set_id("show");
    show.set_room_id("room");
    REQUIRE(ledger::create_show(database, show, 1).has_value());
}

/// Nine units of a product for the show, under the product's id.
inline void add_stock(ledger::Database& database, const std::string& product) {
    v1::Stock stock;
    stock.set_id(product);
    stock.set_show_id("show");
    stock.set_product_id(product);
    stock.set_total(9);
    REQUIRE(ledger::create_stock(database, stock).has_value());
}

/// An offer of one of each of these stocks, `gift` (empty: none) as a gift.
inline void add_offer(ledger::Database& database, const std::string& id, const std::vector<std::string>& stocks, const std::string& gift = {}) {
    v1::Offer offer;
    offer.set_id(id);
    offer.set_show_id("show");
    offer.set_kind(v1::OFFER_KIND_NORMAL);
    offer.set_price_fen(100);
    offer.set_limit_per_buyer(1);
    offer.set_hold_ms(1000);
    for (const auto& stock : stocks) {
        auto& line = *offer.add_lines();
        line.set_stock_id(stock);
        line.set_quantity(1);
        line.set_is_gift(stock == gift);
    }
    REQUIRE(ledger::create_offer(database, offer, 1).has_value());
}

}  // namespace livefair::test
