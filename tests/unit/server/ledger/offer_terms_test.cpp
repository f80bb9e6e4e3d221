#include "ledger/offer_terms.hpp"

#include <livefair/v1/catalog.pb.h>

#include <numeric>
#include <random>

#include "ledger/catalog.hpp"
#include "ledger/order_terms.hpp"
#include "ledger/placed_orders.hpp"
#include "ledger/products.hpp"
#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;

namespace {

constexpr std::int64_t day = 86'400'000;
/// Monday 2026-11-23 00:00 in UTC+8.
constexpr std::int64_t monday = 1'795'363'200'000;

v1::Offer apples(std::int64_t price_fen) {
    v1::Offer offer;
    offer.set_id("o");
    offer.set_show_id("a");
    offer.set_title("苹果");
    offer.set_kind(v1::OFFER_KIND_NORMAL);
    offer.set_price_fen(price_fen);
    offer.set_limit_per_buyer(9);
    offer.set_hold_ms(900'000);
    for (const auto* stock : {"s1", "s2", "s3"}) {
        auto* line = offer.add_lines();
        line->set_stock_id(stock);
        line->set_quantity(1);
        line->set_is_gift(std::string(stock) == "s2");
    }
    return offer;
}

void fill(ledger::Database& db) {
    v1::Show show;
    show.set_id("a");
    show.set_room_id("room");
    show.set_title("湖南专场");
    REQUIRE(ledger::create_show(db, show, 1).has_value());
    for (const auto* id : {"s1", "s2", "s3"}) {
        v1::Product product;
        product.set_id(std::string("p-") + id);
        product.set_title(id);
        product.set_unit("箱");
        product.set_net_weight_g(id[1] == '3' ? 2000 : 1000);
        product.set_origin_code("431227");
        product.set_origin_name(std::string("county ") + id);
        REQUIRE(ledger::create_product(db, product, 1).has_value());
        v1::Stock stock;
        stock.set_id(id);
        stock.set_show_id("a");
        stock.set_product_id(product.id());
        stock.set_total(10);
        REQUIRE(ledger::create_stock(db, stock).has_value());
    }
}

}  // namespace

TEST_CASE("ordered Monday to Wednesday it is delivered on Thursday and Friday, by days of UTC+8", "[ledger]") {
    for (const auto at : {monday, monday + 2 * day, monday + 3 * day - 1}) {
        const auto window = ledger::delivery_window(at, {4, 5});
        CHECK(window.from_ms == monday + 3 * day);
        CHECK(window.until_ms == monday + 5 * day);
    }
    // Ordered on a delivery day: the next one.
    CHECK(ledger::delivery_window(monday + 3 * day, {4, 5}).from_ms == monday + 4 * day);
    CHECK(ledger::delivery_window(monday + 4 * day, {4, 5}).from_ms == monday + 10 * day);
    CHECK(ledger::delivery_window(monday - 1, {1}).from_ms == monday);
    CHECK(ledger::delivery_window(monday, {1}).from_ms == monday + 7 * day);
    CHECK(ledger::delivery_window(monday, {6, 7, 1}).until_ms == monday + 8 * day);  // over the weekend into Monday
    CHECK(ledger::delivery_window(monday, {1, 2, 3, 4, 5, 6, 7}).until_ms == monday + 8 * day);
    CHECK(ledger::delivery_window(monday, {}).from_ms == 0);
}

TEST_CASE("however a sum is split by shares, the parts add up and a gift gets nothing", "[ledger]") {
    std::mt19937_64 random(7);
    for (int i = 0; i < 5000; ++i) {
        std::vector<std::int64_t> shares(1 + random() % 20);
        for (auto& share : shares) share = random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 10'000'000'000u);
        const auto amount = static_cast<std::int64_t>(random() % 1'000'000'000'000u);
        const auto parts = ledger::split_amount(amount, shares);
        REQUIRE(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == amount);
        const bool none = std::all_of(shares.begin(), shares.end(), [](auto share) { return share == 0; });
        for (std::size_t n = 0; n < parts.size(); ++n) {
            REQUIRE(parts[n] >= 0);
            if (shares[n] == 0 && !none) REQUIRE(parts[n] == 0);
        }
    }
    CHECK(ledger::split_amount(100, {1, 1, 1, 0}) == std::vector<std::int64_t>{33, 33, 34, 0});
    CHECK(ledger::split_amount(5, {0, 0}) == std::vector<std::int64_t>{0, 5});
}

TEST_CASE("a subsidy is one of an order's lines and no goods", "[ledger]") {
    const auto parts = ledger::OrderParts::of({{"s1", 2}, {"s1", 1}, {"gift", 1}, {"$fund", 300}}, 4);
    REQUIRE(parts.goods.size() == 2);
    CHECK(parts.goods[0].units == 12);
    CHECK(parts.fund_id == "fund");
    CHECK(parts.subsidy_fen == 1200);
    CHECK(ledger::OrderParts::of({{"s1", 1}}, 1).fund_id.empty());
}

TEST_CASE("an offer's changes leave what its page showed before, and shares follow the price without a gift's", "[ledger]") {
    test::FreshDatabase fresh;
    auto& db = *fresh;
    fill(db);
    REQUIRE(ledger::create_offer(db, apples(1000), 1).has_value());
    auto now = ledger::find_offer(db, OfferId("o")).value();
    CHECK(now.version() == 1);
    CHECK(now.lines(0).share_fen() == 333);
    CHECK(now.lines(1).share_fen() == 0);
    CHECK(now.lines(2).share_fen() == 667);
    CHECK(now.net_weight_g() == 3000);  // of what is sold

    auto wanted = now;
    wanted.set_title("苹果（降价）");
    wanted.set_price_fen(500);
    wanted.mutable_terms()->set_gift_rule(v1::GIFT_RULE_SELL_WITHOUT);
    auto* tier = wanted.mutable_terms()->add_tiers();
    tier->set_from_quantity(3);
    tier->set_price_fen(400);
    REQUIRE(ledger::change_offer(db, wanted, "me", 2).has_value());
    CHECK(ledger::change_offer(db, wanted, "other", 3).error() == Errc::conflict);
    now = ledger::find_offer(db, OfferId("o")).value();
    CHECK(now.version() == 2);
    CHECK(now.terms().tiers(0).price_fen() == 400);
    CHECK(now.lines(0).share_fen() + now.lines(2).share_fen() == 500);
    CHECK(now.lines(1).share_fen() == 0);
    REQUIRE(ledger::set_offer_state(db, OfferId("o"), v1::OFFER_STATE_OPEN, 5, 0).has_value());

    CHECK(ledger::find_page(db, OfferId("o"), 1)->price_fen() == 1000);
    CHECK(ledger::find_page(db, OfferId("o"), 1)->title() == "苹果");
    CHECK(ledger::find_page(db, OfferId("o"), 1)->origin_name() == "county s1、county s3");
    CHECK(ledger::find_page(db, OfferId("o"), 2)->price_fen() == 500);
    CHECK(ledger::find_page(db, OfferId("o"), 3)->price_fen() == 500);  // opened: the same page
    CHECK(ledger::find_page(db, OfferId("o"), 0).error() == Errc::not_found);

    wanted.set_version(3);
    wanted.mutable_terms()->set_fund_id("none");
    CHECK(ledger::change_offer(db, wanted, "me", 2).error() == Errc::not_found);
}
