#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"
#include "ledger/projector.hpp"
#include "net/shard.hpp"
#include "room/bus.hpp"

namespace livefair::v1 {
class ShowTotals;
}

namespace livefair::dashboard {

/// Tells the rooms what the ledger's commits changed: what is left of each offer, at most once a tick, and the show's sums, at
/// most once a second. Keeps the newest sums for the dashboard. Lives on shard 0.
class SalesFeed {
public:
    SalesFeed(net::Shard& shard, room::Bus& bus, ledger::Ledger& ledger, const Clock& clock, std::chrono::milliseconds tick);
    ~SalesFeed();

    /// From the projector, after each commit.
    void on_commit(const ledger::CommitSummary& summary);
    /// Publishes until stop(). Spawn it on shard 0.
    net::Task<> run();
    void stop();

    /// The show's sums, at most half a second old: refunds, bulk and stall orders and other programs' commits, of which on_commit()
    /// hears nothing, are in them, too. Errors: not_found, ledger_unavailable.
    net::Task<Result<v1::ShowTotals>> totals(ShowId show);

private:
    net::Task<Result<RoomId>> room_of(ShowId show);
    net::Task<> publish_left();
    net::Task<> publish_totals();
    net::Task<Result<v1::ShowTotals>> read_totals(ShowId show);

    room::Bus& bus_;
    ledger::Ledger& ledger_;
    const Clock& clock_;
    std::chrono::milliseconds tick_;
    net::asio::steady_timer timer_;
    bool stopped_ = false;
    std::map<ShowId, std::map<OfferId, std::int64_t>> left_;          ///< Not yet told.
    std::set<ShowId> changed_;                                        ///< Shows whose sums are to be read anew.
    std::set<ShowId> ours_;                                           ///< Shows that this program's projector commits.
    struct Known {
        std::shared_ptr<const v1::ShowTotals> totals;
        std::chrono::steady_clock::time_point read;
    };
    std::map<ShowId, Known> totals_;
    std::map<ShowId, RoomId> rooms_;
};

}  // namespace livefair::dashboard
