#include "chaos/goods.hpp"

#include <livefair/v1/catalog.pb.h>

#include "base/clock.hpp"
#include "bench/plan.hpp"

namespace livefair::chaos {
namespace {

void add_stock(bench::Plan& plan, const Goods& goods, const std::string& show, const std::string& origin) {
    v1::Product product;
    product.set_id(goods.name + "-product-" + origin);
    product.set_title("冰糖橙 " + origin);
    product.set_unit("箱");
    product.set_net_weight_g(2500);
    product.set_origin_code(origin);
    product.set_origin_name(origin);
    product.set_supplier_name("演示供应商");
    product.set_supplier_contact("0731-00000000");
    plan.add("/api/v1/products", product);
    v1::Stock stock;
    stock.set_id(goods.name + "-stock-" + origin);
    stock.set_show_id(show);
    stock.set_product_id(product.id());
    stock.set_total(goods.stock);
    plan.add(bench::in_show(show, "stocks"), stock);
}

/// `units` of each of the stocks.
Shelf::Offer add_offer(bench::Plan& plan, const Goods& goods, const std::string& show, int number, std::int64_t price_fen,
                       const std::vector<std::pair<std::string, std::int64_t>>& units) {
    v1::Offer offer;
    for (const auto& [origin, count] : units) {
        auto& line = *offer.add_lines();
        line.set_stock_id(goods.name + "-stock-" + origin);
        line.set_quantity(count);
    }
    offer.set_id(goods.name + "-offer-" + std::to_string(number));
    offer.set_show_id(show);
    offer.set_number(number);
    offer.set_title("礼包 " + std::to_string(number));
    offer.set_kind(v1::OFFER_KIND_FLASH);
    offer.set_price_fen(price_fen);
    offer.set_limit_per_buyer(goods.limit);
    offer.set_hold_ms(goods.hold_ms);
    plan.add(bench::in_show(show, "offers"), offer);
    return {offer.id(), price_fen, goods.limit};
}

}  // namespace

net::Task<Result<Shelf>> make_show(bench::Api& staff, Goods goods) {
    Shelf shelf;
    shelf.show = goods.name + "-show";
    bench::Plan plan;
    v1::Show show;
    show.set_id(shelf.show);
    show.set_room_id(goods.name + "-room");
    show.set_title("故障演练");
    show.set_starts_ms(system_clock().unix_ms());
    plan.add("/api/v1/shows", show);
    const std::string first = "430225", second = "431227";
    add_stock(plan, goods, shelf.show, first);
    add_stock(plan, goods, shelf.show, second);
    // Prices that don't divide: money is split with a remainder.
    shelf.offers.push_back(add_offer(plan, goods, shelf.show, 1, 4'990, {{first, 1}}));
    shelf.offers.push_back(add_offer(plan, goods, shelf.show, 2, 9'999, {{first, 1}, {second, 2}}));
    v1::SetShowStateRequest live;
    live.set_state(v1::SHOW_STATE_LIVE);
    plan.add(bench::in_show(shelf.show, "state"), live);
    for (const auto& offer : shelf.offers) {
        v1::OpenOfferRequest open;
        open.set_duration_ms(3'600'000);
        plan.add(bench::in_show(shelf.show, "offers/" + offer.id + "/open"), open);
    }
    const auto made = co_await plan.carry_out(staff);
    if (!made) co_return made.error();
    co_return shelf;
}

}  // namespace livefair::chaos
