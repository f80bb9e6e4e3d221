#include "bench/sale.hpp"

#include <livefair/v1/catalog.pb.h>

#include <boost/asio/this_coro.hpp>
#include <random>

#include "base/clock.hpp"
#include "bench/task_group.hpp"
#include "bench/plan.hpp"

namespace livefair::bench {

namespace {

/// Two counties of two cities, so that per-city totals have something to add up.
struct Component {
    const char* title;
    const char* unit;
    std::int64_t net_weight_g;
    const char* origin_code;
    const char* origin_name;
};
constexpr Component components[] = {{"炎陵黄桃", "箱", 2500, "430225", "炎陵"}, {"新晃黄牛肉", "袋", 250, "431227", "新晃"}};

Plan plan_of(const SaleOptions& options) {
    Plan plan;
    v1::Show show;
    show.set_id(options.show_id());
    show.set_room_id(options.room_id());
    show.set_title("秒杀 " + options.name);
    show.set_starts_ms(system_clock().unix_ms());
    plan.add("/api/v1/shows", show);
    v1::Offer offer;
    for (const Component& component : components) {
        v1::Product product;
        product.set_id(options.name + "-product-" + component.origin_code);
        product.set_title(component.title);
        product.set_unit(component.unit);
        product.set_net_weight_g(component.net_weight_g);
        product.set_origin_code(component.origin_code);
        product.set_origin_name(component.origin_name);
        product.set_supplier_name("演示供应商");
        product.set_supplier_contact("0731-00000000");
        plan.add("/api/v1/products", product);
        v1::Stock stock;
        stock.set_id(options.name + "-stock-" + component.origin_code);
        stock.set_show_id(options.show_id());
        stock.set_product_id(product.id());
        stock.set_total(options.boxes);
        plan.add(in_show(options.show_id(), "stocks"), stock);
        auto& line = *offer.add_lines();
        line.set_stock_id(stock.id());
        line.set_quantity(1);
    }
    offer.set_id(options.offer_id());
    offer.set_show_id(options.show_id());
    offer.set_number(1);
    offer.set_title("秒杀 " + std::to_string(options.boxes) + " 份");
    offer.set_kind(v1::OFFER_KIND_FLASH);
    offer.set_price_fen(options.price_fen);
    offer.set_limit_per_buyer(1);
    offer.set_hold_ms(600'000);
    plan.add(in_show(options.show_id(), "offers"), offer);
    v1::SetShowStateRequest live;
    live.set_state(v1::SHOW_STATE_LIVE);
    plan.add(in_show(options.show_id(), "state"), live);
    v1::OpenOfferRequest open;
    open.set_duration_ms(600'000);
    plan.add(in_show(options.show_id(), "offers/" + options.offer_id() + "/open"), open);
    return plan;
}

net::Task<> gather_one(std::string url, std::uint64_t phone, std::unique_ptr<Buyer>& place, Result<>& outcome) {
    auto buyer = co_await Buyer::sign_in(url, invented_phone(phone), "买家" + std::to_string(phone % 1000));
    if (!buyer) {
        outcome = buyer.error();
        co_return;
    }
    place = std::move(*buyer);
    const auto connected = co_await place->connect();
    if (!connected) outcome = connected.error();
}

net::Task<> try_once(Buyer& buyer, Attempt& attempt, std::chrono::milliseconds patience) {
    auto answer = co_await buyer.place_until_final(attempt.order, patience);
    if (answer) attempt.answers.push_back(std::move(*answer));
}

std::string outcome_of(const Attempt& attempt) {
    if (attempt.answers.size() != 2) return "unanswered";
    const auto& first = attempt.answers[0];
    const auto& second = attempt.answers[1];
    if (first.outcome() != second.outcome() || first.reason() != second.reason()) return "contradictory";
    if (first.outcome() == v1::OUTCOME_ACCEPTED) return "accepted";
    if (first.reason() == v1::REJECT_REASON_SOLD_OUT) return "sold_out";
    return v1::RejectReason_Name(first.reason());
}

}  // namespace

net::Task<Result<>> prepare_sale(Api& staff, SaleOptions options) {
    const Plan plan = plan_of(options);
    co_return co_await plan.carry_out(staff);
}

net::Task<Result<std::vector<std::unique_ptr<Buyer>>>> gather_buyers(SaleOptions options) {
    std::vector<std::unique_ptr<Buyer>> buyers(static_cast<std::size_t>(options.buyers));
    const std::uint64_t first_phone = std::random_device{}();
    Result<> outcome;
    // Some at a time: each sign-in is three commits of the ledger, and the point is the sale, not the queue before the door.
    constexpr std::size_t at_once = 25;
    for (std::size_t begin = 0; begin < buyers.size() && outcome; begin += at_once) {
        TaskGroup group(co_await net::asio::this_coro::executor);
        for (std::size_t i = begin; i < std::min(begin + at_once, buyers.size()); ++i)
            group.add(gather_one(options.url, first_phone + i, buyers[i], outcome));
        co_await group.wait();
    }
    if (!outcome) co_return outcome.error();
    co_return buyers;
}

std::vector<Attempt> make_attempts(const std::vector<std::unique_ptr<Buyer>>& buyers, const SaleOptions& options) {
    std::vector<Attempt> attempts(buyers.size());
    for (std::size_t i = 0; i < buyers.size(); ++i) attempts[i].order = buyers[i]->make_order(options.show_id(), options.offer_id());
    return attempts;
}

net::Task<> rush(std::vector<std::unique_ptr<Buyer>>& buyers, std::vector<Attempt>& attempts, std::chrono::milliseconds patience) {
    TaskGroup group(co_await net::asio::this_coro::executor);
    for (std::size_t i = 0; i < buyers.size(); ++i)
        for (int twice = 0; twice < 2; ++twice) group.add(try_once(*buyers[i], attempts[i], patience));
    co_await group.wait();
}

std::map<std::string, std::int64_t> outcomes_of(const std::vector<Attempt>& attempts) {
    std::map<std::string, std::int64_t> counts;
    for (const Attempt& attempt : attempts) ++counts[outcome_of(attempt)];
    return counts;
}

}  // namespace livefair::bench
