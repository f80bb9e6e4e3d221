#include "dashboard/sales_feed.hpp"

#include <livefair/v1/order.pb.h>
#include <livefair/v1/room.pb.h>

#include <utility>

#include "base/log.hpp"
#include "ledger/catalog.hpp"
#include "ledger/totals.hpp"

namespace livefair::dashboard {
namespace {

/// Soon enough for people who look at money.
constexpr std::chrono::seconds totals_period{1};
/// Half of it, so that what is shown once a second is no older than one.
constexpr std::chrono::milliseconds totals_age_max{500};
constexpr std::chrono::milliseconds tick_min{20};

bool are_same(v1::ShowTotals one, const v1::ShowTotals& other) {
    one.set_as_of_ms(other.as_of_ms());
    return one.SerializeAsString() == other.SerializeAsString();
}

}  // namespace

SalesFeed::SalesFeed(net::Shard& shard, room::Bus& bus, ledger::Ledger& ledger, const Clock& clock, std::chrono::milliseconds tick)
    : bus_(bus), ledger_(ledger), clock_(clock), tick_(std::max(tick, tick_min)), timer_(shard.context()) {}

SalesFeed::~SalesFeed() = default;

void SalesFeed::on_commit(const ledger::CommitSummary& summary) {
    for (const auto& offer : summary.left) left_[summary.show][offer.offer] = offer.left;
    changed_.insert(summary.show);
    ours_.insert(summary.show);
}

net::Task<> SalesFeed::run() {
    auto totals_due = clock_.steady();
    while (!stopped_) {
        timer_.expires_after(tick_);
        co_await timer_.async_wait(net::as_result);
        co_await publish_left();
        if (clock_.steady() < totals_due) continue;
        totals_due = clock_.steady() + totals_period;
        co_await publish_totals();
    }
}

void SalesFeed::stop() {
    stopped_ = true;
    timer_.cancel();
}

net::Task<> SalesFeed::publish_left() {
    const auto left = std::exchange(left_, {});
    for (const auto& [show, offers] : left) {
        const auto room = co_await room_of(show);
        if (!room) continue;
        for (const auto& [offer, count] : offers) {
            v1::RoomEvent event;
            event.mutable_stock()->set_offer_id(offer.str());
            event.mutable_stock()->set_left(count);
            // Lost while Redis is away: the next commit brings a newer value.
            (void)co_await bus_.publish(*room, std::move(event));
        }
    }
}

net::Task<> SalesFeed::publish_totals() {
    const auto changed = std::exchange(changed_, {});
    for (const auto& show : changed) {
        auto totals = co_await read_totals(show);
        const auto room = co_await room_of(show);
        if (!totals || !room) {
            changed_.insert(show);
            continue;
        }
        v1::RoomEvent event;
        event.mutable_totals()->Swap(&*totals);
        (void)co_await bus_.publish(*room, std::move(event));
    }
}

net::Task<Result<v1::ShowTotals>> SalesFeed::totals(ShowId show) {
    const auto known = totals_.find(show);
    if (known != totals_.end() && clock_.steady() - known->second.read < totals_age_max) co_return *known->second.totals;
    const auto before = known == totals_.end() ? nullptr : known->second.totals;
    auto totals = co_await read_totals(show);
    // A refund or a stall's sale: no commit of the projector will say it.
    if (totals && before && ours_.contains(show) && !are_same(*before, *totals)) changed_.insert(show);
    co_return totals;
}

net::Task<Result<v1::ShowTotals>> SalesFeed::read_totals(ShowId show) {
    auto read = [show, now_ms = clock_.unix_ms()](ledger::Database& db) { return ledger::totals_of_show(db, show, now_ms); };
    auto totals = co_await ledger_.read(std::move(read));
    if (totals) totals_[show] = {std::make_shared<v1::ShowTotals>(*totals), clock_.steady()};
    co_return totals;
}

net::Task<Result<RoomId>> SalesFeed::room_of(ShowId show) {
    const auto known = rooms_.find(show);
    if (known != rooms_.end()) co_return known->second;
    auto find = [show](ledger::Database& db) { return ledger::room_of_show(db, show); };
    auto room = co_await ledger_.read(std::move(find));
    if (room) rooms_[show] = *room;
    co_return room;
}

}  // namespace livefair::dashboard
