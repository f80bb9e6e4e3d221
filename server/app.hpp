#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/pages.hpp"
#include "api/sign_in.hpp"
#include "auth/origins.hpp"
#include "auth/rate_limit.hpp"
#include "base/config.hpp"
#include "commerce/end_check.hpp"
#include "commerce/hold_sweeper.hpp"
#include "commerce/refund_desk.hpp"
#include "commerce/refunds.hpp"
#include "commerce/sold_out_book.hpp"
#include "commerce/statement_check.hpp"
#include "commerce/till_keeper.hpp"
#include "dashboard/dashboard.hpp"
#include "dashboard/sales_feed.hpp"
#include "gateway/chat_filter.hpp"
#include "ledger/ledger.hpp"
#include "ledger/projector.hpp"
#include "ledger/sessions.hpp"
#include "net/shard.hpp"
#include "program.hpp"
#include "readiness.hpp"
#include "room/census.hpp"
#include "room/relay.hpp"
#include "shard_parts.hpp"

namespace livefair {

/// livefair-server with a ledger, put together: makes all parts, ties them to each other, and owns them. Members are in the order of their lives.
class App final : private Program::Role {
public:
    /// Opens the ledger and binds the ports; nothing is served yet. Throws std::runtime_error that says what to do.
    explicit App(Config config);
    ~App() override;

    std::uint16_t port() const { return program_.port(); }
    std::uint16_t health_port() const { return program_.health_port(); }
    /// Of the account made at the very first start; empty otherwise. To be shown once, never logged.
    const std::string& first_operator_password() const { return first_operator_password_; }

    /// Starts all threads. From here on clients are served.
    void start();
    void run_until_stopped() { program_.run_until_stopped(); }

private:
    net::Task<net::HttpResponse> handle(net::Shard& shard, net::HttpRequest request) override;
    void serve(net::Shard& shard, net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) override;
    net::Task<net::HttpResponse> ready(net::Shard& shard) override;
    void begin_drain() override { readiness_.begin_drain(); }
    gateway::Directory& directory(unsigned shard) override { return parts_[shard]->directory(); }
    void stop_shards() override;

    void make_parts();
    void make_ledger_side();
    void start_shard_0();
    void stop_shard_0();

    net::Task<Result<v1::Dashboard>> current_dashboard();
    void push_dashboard(const SharedBytes& proto, const SharedBytes& json);
    void end_sign_in(const std::string& session_id);
    void on_commit(const ledger::CommitSummary& summary);
    void watch_commits(const ShowId& show);

    const Config config_;
    const Clock& clock_;
    net::Shards shards_;
    ledger::Ledger ledger_;
    commerce::SoldOutBook sold_out_{clock_, config_.ledger.url.empty()};  ///< Only an SQLite file is one program's alone.
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
    Program program_;
    std::vector<std::unique_ptr<ShardParts>> parts_;
    // On shard 0.
    std::unique_ptr<room::Census> census_;
    std::unique_ptr<ledger::Projector> projector_;
    std::unique_ptr<commerce::TillKeeper> till_keeper_;
    std::unique_ptr<commerce::HoldSweeper> hold_sweeper_;
    std::unique_ptr<commerce::RefundDesk> refund_desk_;
    std::unique_ptr<commerce::Refunds> refunds_;
    std::unique_ptr<commerce::StatementCheck> statement_check_;
    std::unique_ptr<commerce::EndCheck> end_check_;
    std::unique_ptr<dashboard::SalesFeed> sales_feed_;
    std::unique_ptr<dashboard::Dashboard> dashboard_;
    std::set<ShowId> watched_commits_;
};

}  // namespace livefair
