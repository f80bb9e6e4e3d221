#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "dashboard/sales_feed.hpp"
#include "ledger/ledger.hpp"
#include "net/shard.hpp"
#include "room/bus.hpp"
#include "room/census.hpp"

namespace livefair::v1 {
class Dashboard;
class DashboardShow;
class Show;
}  // namespace livefair::v1

namespace livefair::dashboard {

/// What operators see of all live shows: viewers, chat, stream health, and the ledger's sums. Builds one message a second for everybody
/// who watches, and keeps a sample of each live show every 10 s. Lives on shard 0.
class Dashboard {
public:
    /// One message, encoded in each format, to all who watch.
    using Push = std::function<void(const SharedBytes& proto, const SharedBytes& json)>;
    Dashboard(net::Shard& shard, ledger::Ledger& ledger, room::Bus& bus, room::Census& census, SalesFeed& sales,
              const Clock& clock, bool answers_are_relaxed, Push push);
    ~Dashboard();

    /// Builds, pushes and samples until stop(). Spawn it on shard 0.
    net::Task<> run();
    void stop();
    /// The dashboard as of now; on shard 0. At most half a second old. Errors: ledger_unavailable.
    net::Task<Result<v1::Dashboard>> current();

private:
    net::Task<Result<v1::Dashboard>> build();
    net::Task<v1::DashboardShow> build_show(v1::Show show);
    net::Task<> store_samples();

    ledger::Ledger& ledger_;
    room::Bus& bus_;
    room::Census& census_;
    SalesFeed& sales_;
    const Clock& clock_;
    const bool answers_are_relaxed_;
    Push push_;
    net::asio::steady_timer timer_;
    bool stopped_ = false;
    std::shared_ptr<const v1::Dashboard> newest_;
    std::chrono::steady_clock::time_point built_{};
};

}  // namespace livefair::dashboard
