#include "bench/replay.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include <boost/asio/this_coro.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <random>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "bench/buyer.hpp"
#include "bench/evening.hpp"
#include "bench/plan.hpp"
#include "bench/task_group.hpp"
#include "ledger/database.hpp"

namespace livefair::bench {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds patience{120'000};
constexpr std::int64_t limit_per_buyer = 99;

/// What a show or a city has sold: paid and not refunded.
struct Sold {
    std::int64_t items = 0, fen = 0;
    bool operator==(const Sold&) const = default;
};
/// By region code of the city; "" is the show.
using Bulletin = std::map<std::string, Sold>;

struct Names {
    std::string prefix = "replay-" + random_hex(4);
    std::string show() const { return prefix + "-show"; }
    std::string room() const { return prefix + "-room"; }
    std::string of(const char* what, const City& city) const { return prefix + "-" + what + "-" + city.region_code; }
};

Plan plan_of(const Names& names) {
    Plan plan;
    v1::Show show;
    show.set_id(names.show());
    show.set_room_id(names.room());
    show.set_title("《出手吧，姐姐！》七一扶贫直播（重放）");
    show.set_starts_ms(system_clock().unix_ms());
    plan.add("/api/v1/shows", show);
    const auto targets = hunan_targets();
    int position = 0;
    for (const auto& city : evening_cities()) {
        const auto& target = targets[static_cast<std::size_t>(position++)];
        v1::Host host;
        host.set_id(names.of("host", city));
        host.set_name(city.host_name);
        host.set_title(city.host_title);
        host.set_region_code(city.region_code);
        host.set_region_name(city.name);
        plan.add("/api/v1/hosts", host);
        v1::Segment segment;
        segment.set_id(names.of("segment", city));
        segment.set_show_id(names.show());
        segment.set_position(position);
        segment.set_host_id(host.id());
        segment.set_region_code(city.region_code);
        segment.set_region_name(city.name);
        plan.add(in_show(names.show(), "segments"), segment);
        v1::Product product;
        product.set_id(names.of("product", city));
        product.set_title(city.product);
        product.set_unit("件");
        product.set_net_weight_g(city.net_weight_g);
        product.set_origin_code(city.region_code);
        product.set_origin_name(city.origin_name);
        product.set_supplier_name("演示供应商·" + city.county);
        product.set_supplier_contact("0731-00000000");
        plan.add("/api/v1/products", product);
        v1::Stock stock;
        stock.set_id(names.of("stock", city));
        stock.set_show_id(names.show());
        stock.set_product_id(product.id());
        stock.set_total(target.items);
        plan.add(in_show(names.show(), "stocks"), stock);
        v1::Offer offer;
        offer.set_id(names.of("offer", city));
        offer.set_show_id(names.show());
        offer.set_number(position);
        offer.set_title(city.product);
        offer.set_kind(v1::OFFER_KIND_NORMAL);
        offer.set_price_fen(target.price_fen);
        offer.set_limit_per_buyer(limit_per_buyer);
        offer.set_hold_ms(600'000);
        offer.set_segment_id(segment.id());
        auto& line = *offer.add_lines();
        line.set_stock_id(stock.id());
        line.set_quantity(1);
        plan.add(in_show(names.show(), "offers"), offer);
    }
    v1::SetShowStateRequest live;
    live.set_state(v1::SHOW_STATE_LIVE);
    plan.add(in_show(names.show(), "state"), live);
    return plan;
}

/// The run. Lives until all its tasks have ended.
class Replay {
public:
    explicit Replay(ReplayOptions options) : options_(std::move(options)), staff_(options_.url) {}

    net::Task<Result<>> run() {
        const auto targets = hunan_targets();
        for (const auto& target : targets)
            if (target.items > static_cast<std::int64_t>(options_.buyers) * limit_per_buyer) co_return make_error_code(Errc::invalid_input);
        const auto signed_in = co_await staff_.sign_in_staff("operator", options_.operator_password);
        if (!signed_in) co_return signed_in.error();
        const Plan plan = plan_of(names_);
        const auto made = co_await plan.carry_out(staff_);
        if (!made) co_return made.error();
        std::printf("Signing in %zu buyers\n", options_.buyers);
        const auto gathered = co_await gather();
        if (!gathered) co_return gathered.error();

        const auto begun = Clock::now();
        const auto segment = std::chrono::duration_cast<milliseconds>(hunan_length) / (options_.speed * static_cast<double>(targets.size()));
        TaskGroup orders(co_await net::asio::this_coro::executor);
        for (std::size_t i = 0; i < targets.size() && failed_ == 0; ++i) {
            const auto& city = evening_cities()[i];
            const auto opened = co_await staff_.post_empty(in_show(names_.show(), "offers/" + names_.of("offer", city) + "/open"));
            if (!opened) co_return opened.error();
            std::printf("%6.1f s  %s: %s\n", std::chrono::duration<double>(Clock::now() - begun).count(), city.name.c_str(), city.product.c_str());
            for (std::size_t b = 0; b < buyers_.size(); ++b) orders.add(buy_share(*buyers_[b], city, share_of(targets[i].items, b), std::chrono::duration_cast<milliseconds>(segment)));
            co_await net::sleep_for(std::chrono::duration_cast<milliseconds>(segment));
        }
        co_await orders.wait();
        std::printf("%6.1f s  %ld orders accepted and paid, %ld failed; the evening was to take %.0f s\n", std::chrono::duration<double>(Clock::now() - begun).count(), paid_, failed_,
                    static_cast<double>(hunan_length.count()) / options_.speed);
        if (failed_ > 0) co_return make_error_code(Errc::internal);
        co_return co_await compare(targets);
    }

private:
    net::Task<> gather_one(std::size_t place, std::uint64_t phone) {
        auto buyer = co_await Buyer::sign_in(options_.url, invented_phone(phone), "买家" + std::to_string(place));
        if (!buyer) {
            ++failed_;
            co_return;
        }
        const auto connected = co_await (*buyer)->connect();
        if (!connected) ++failed_;
        buyers_[place] = std::move(*buyer);
    }

    net::Task<Result<>> gather() {
        constexpr std::size_t at_once = 25;
        buyers_.resize(options_.buyers);
        const std::uint64_t first_phone = std::random_device{}();
        for (std::size_t begin = 0; begin < buyers_.size(); begin += at_once) {
            TaskGroup group(co_await net::asio::this_coro::executor);
            for (std::size_t i = begin; i < std::min(begin + at_once, buyers_.size()); ++i) group.add(gather_one(i, first_phone + i));
            co_await group.wait();
            if (failed_ > 0) co_return make_error_code(Errc::closed);
        }
        co_return Result<>();
    }

    /// Whole items, the remainder to the first buyers.
    std::int64_t share_of(std::int64_t items, std::size_t buyer) const {
        const auto count = static_cast<std::int64_t>(buyers_.size());
        return items / count + (static_cast<std::int64_t>(buyer) < items % count ? 1 : 0);
    }

    /// Orders and pays `items` of the city, some at a time, at random moments of the city's segment.
    net::Task<> buy_share(Buyer& buyer, const City& city, std::int64_t items, milliseconds segment) {
        const auto orders = (items + options_.items_per_order - 1) / options_.items_per_order;
        for (std::int64_t n = 0; items > 0; ++n) {
            co_await net::sleep_for(milliseconds(std::uniform_int_distribution<std::int64_t>(0, segment.count() / orders)(dice_)));
            auto order = buyer.make_order(names_.show(), names_.of("offer", city));
            const auto quantity = std::min(items, options_.items_per_order);
            order.set_quantity(quantity);
            items -= quantity;
            const auto id = order.order_id();
            const auto answer = co_await buyer.place_until_final(std::move(order), patience);
            const bool is_accepted = answer && answer->outcome() == v1::OUTCOME_ACCEPTED;
            const Result<> is_paid = is_accepted ? co_await buyer.api().pay(id) : Result<>(make_error_code(Errc::conflict));
            if (is_paid) ++paid_;
            else ++failed_;
            if (!is_paid && failed_ <= 5) std::printf("order %s: %s\n", id.c_str(), answer ? answer->ShortDebugString().c_str() : answer.error().message().c_str());
        }
    }

    net::Task<Result<>> compare(std::vector<CityTarget> targets) {
        v1::SetShowStateRequest end;
        end.set_state(v1::SHOW_STATE_ENDED);
        const auto ended = co_await staff_.ensure(in_show(names_.show(), "state"), to_json(end));
        if (!ended) co_return ended.error();
        const auto totals = co_await staff_.get<v1::ShowTotals>(in_show(names_.show(), "totals"));
        if (!totals) co_return totals.error();
        Bulletin told, wanted;
        told[""] = {totals->show().units_paid(), totals->show().paid_fen()};
        wanted[""] = {hunan_items, hunan_fen};
        for (const auto& city : totals->cities()) told[city.key()] = {city.units_paid(), city.paid_fen()};
        for (std::size_t i = 0; i < targets.size(); ++i) wanted[evening_cities()[i].region_code] = {targets[i].items, targets[i].items * targets[i].price_fen};
        const auto counted = recount();
        if (!counted) co_return counted.error();
        print(*totals, told, *counted, wanted);
        if (told != *counted || told != wanted) co_return make_error_code(Errc::conflict);
        std::printf("\nThe bulletin, the ledger's rows and the evening's figures are equal to the fen and the item.\n");
        co_return Result<>();
    }

    /// From the ledger's rows: items from the orders' lines, money from the double entries that booked it as sales.
    Result<Bulletin> recount() const {
        auto opened = ledger::Database::open(options_.ledger, ledger::Database::Mode::read_only);
        if (!opened) return opened.error();
        auto& database = **opened;
        Bulletin counted;
        const auto lines = database.query("SELECT l.origin_code, sum(l.units), sum(l.amount_fen) FROM order_lines l JOIN orders o ON o.id = l.order_id "
                                          "WHERE o.show_id = ? AND o.state = 2 GROUP BY l.origin_code", {names_.show()});
        if (!lines) return lines.error();
        std::int64_t items = 0;
        for (const auto& row : *lines) {
            counted[row.text(0)] = {row.integer(1), row.integer(2)};
            items += row.integer(1);
        }
        const auto sales = database.query("SELECT sum(CASE WHEN credit = 'sales' THEN amount_fen ELSE 0 END) - sum(CASE WHEN debit = 'sales' THEN amount_fen ELSE 0 END) "
                                          "FROM entries WHERE show_id = ?", {names_.show()});
        if (!sales) return sales.error();
        counted[""] = {items, sales->front().integer(0)};
        return counted;
    }

    static void print(const v1::ShowTotals& totals, const Bulletin& told, const Bulletin& counted, const Bulletin& wanted) {
        const auto& all = told.at("");
        std::printf("\n战报 %s：14 个市州，成交 %ld 件，%ld.%02ld 元（%.0f 万元），%ld 单，买家 %ld 人；截至 %s\n\n| | bulletin: items, fen | ledger | evening | |\n|---|---|---|---|---|\n",
                    totals.show().name().c_str(), all.items, all.fen / 100, all.fen % 100, static_cast<double>(all.fen) / 1e6, totals.show().orders_paid(), totals.buyers_paid(),
                    std::to_string(totals.as_of_ms()).c_str());
        for (const auto& [key, sold] : wanted) {
            const auto at = [&](const Bulletin& bulletin) { return bulletin.contains(key) ? bulletin.at(key) : Sold{}; };
            const auto a = at(told), b = at(counted);
            std::printf("| %s | %ld, %ld | %ld, %ld | %ld, %ld | %s |\n", key.empty() ? "show" : key.c_str(), a.items, a.fen, b.items, b.fen, sold.items, sold.fen,
                        a == b && a == sold ? "equal" : "DIFFERENT");
        }
    }

    ReplayOptions options_;
    Api staff_;
    Names names_;
    std::vector<std::unique_ptr<Buyer>> buyers_;
    std::mt19937_64 dice_{20200630};
    long paid_ = 0, failed_ = 0;
};

}  // namespace

std::vector<CityTarget> hunan_targets() {
    const auto count = static_cast<std::int64_t>(evening_cities().size());
    std::vector<CityTarget> targets;
    std::int64_t items = hunan_items, fen = hunan_fen;
    for (std::int64_t i = 0; i + 2 < count; ++i) {
        // About a fourteenth of the items each, at 6 to 14 yuan; so chosen that the last two sell as much.
        targets.push_back({hunan_items / count - 3'000 + 450 * i, 646 + 71 * (i * 5 % (count - 2))});
        items -= targets.back().items;
        fen -= targets.back().items * targets.back().price_fen;
    }
    // Two cities whose prices are one fen apart take the rest of both sums exactly.
    const auto price = fen / items, dearer = fen - price * items;
    targets.push_back({items - dearer, price});
    targets.push_back({dearer, price + 1});
    return targets;
}

net::Task<Result<>> replay_hunan(ReplayOptions options) {
    Replay replay(std::move(options));
    co_return co_await replay.run();
}

}  // namespace livefair::bench
