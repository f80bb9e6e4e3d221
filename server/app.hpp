#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/pages.hpp"
#include "api/sign_in.hpp"
#include "auth/origins.hpp"
#include "auth/rate_limit.hpp"
#include "base/config.hpp"
#include "commerce/hold_sweeper.hpp"
#include "commerce/till_keeper.hpp"
#include "dashboard/dashboard.hpp"
#include "dashboard/sales_feed.hpp"
#include "gateway/chat_filter.hpp"
#include "ledger/ledger.hpp"
#include "ledger/projector.hpp"
#include "ledger/sessions.hpp"
#include "net/http.hpp"
#include "net/shard.hpp"
#include "readiness.hpp"
#include "room/census.hpp"
#include "room/relay.hpp"
#include "shard_parts.hpp"

namespace livefair {

/// livefair-server, put together: makes all parts, ties them to each other, and owns them. Members are in the order of their lives.
class App {
public:
    /// Opens the ledger and binds the ports; nothing is served yet. Throws std::runtime_error that says what to do.
    explicit App(Config config);
    ~App();

    std::uint16_t port() const { return site_->port(); }
    std::uint16_t health_port() const { return health_->port(); }
    /// Of the account made at the very first start; empty otherwise. To be shown once, never logged.
    const std::string& first_operator_password() const { return first_operator_password_; }

    /// Starts all threads. From here on clients are served.
    void start();
    /// Waits for SIGTERM or SIGINT on the calling thread, then drains; a second signal ends the process at once.
    void run_until_stopped();

private:
    void make_servers();
    void make_parts();
    void make_ledger_side();
    void start_shard_0();
    void stop_shard_0();

    net::Task<net::HttpResponse> health(net::Shard& shard, net::HttpRequest request);
    net::Task<Result<v1::Dashboard>> current_dashboard();
    void push_dashboard(const SharedBytes& proto, const SharedBytes& json);
    void end_sign_in(const std::string& session_id);
    void on_commit(const ledger::CommitSummary& summary);
    void watch_commits(const ShowId& show);
    net::Task<> drain();

    const Config config_;
    const Clock& clock_;
    net::asio::io_context main_;  ///< Of the main thread: signals and the drain.
    net::asio::signal_set signals_;
    net::Shards shards_;
    ledger::Ledger ledger_;
    std::string first_operator_password_;
    ledger::Sessions sessions_;
    Readiness readiness_;
    auth::Origins origins_;
    api::Pages pages_;
    auth::KeyedLimiter requests_;
    auth::KeyedLimiter chat_;
    gateway::ChatFilter chat_filter_;
    auth::KeyedLimiter media_tokens_;
    api::SignIn sign_in_;
    room::Relay relay_;
    std::unique_ptr<net::HttpServer> site_;
    std::unique_ptr<net::HttpServer> health_;
    std::vector<std::unique_ptr<ShardParts>> parts_;
    // On shard 0.
    std::unique_ptr<room::Census> census_;
    std::unique_ptr<ledger::Projector> projector_;
    std::unique_ptr<commerce::TillKeeper> till_keeper_;
    std::unique_ptr<commerce::HoldSweeper> hold_sweeper_;
    std::unique_ptr<dashboard::SalesFeed> sales_feed_;
    std::unique_ptr<dashboard::Dashboard> dashboard_;
    std::set<ShowId> watched_commits_;
};

}  // namespace livefair
