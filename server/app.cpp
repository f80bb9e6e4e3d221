#include "app.hpp"

#include <livefair/v1/socket.pb.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "auth/media_secret.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "room/wire.hpp"

namespace livefair {
namespace {

constexpr std::chrono::milliseconds hold_sweep_period{500};
constexpr std::chrono::milliseconds drain_poll{20};
/// Of one account; a page needs one each ten minutes, and one for each room it shows.
constexpr auth::Rate media_token_rate{0.5, 30};

auth::Rate per_second(std::int64_t rate, std::int64_t burst) { return {static_cast<double>(rate), static_cast<double>(burst)}; }

/// Viewers' chat: room.chat_per_10s, all of them at once if one likes.
auth::Rate chat_rate(std::int64_t per_10s) { return {static_cast<double>(per_10s) / 10.0, static_cast<double>(per_10s)}; }

const std::string& with_folder(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    return path;
}

std::string make_first_operator(ledger::Ledger& ledger, const Clock& clock) {
    auto password = api::create_first_operator(ledger, clock);
    if (!password) throw std::runtime_error("the first operator could not be made: " + password.error().message());
    return std::move(*password);
}

net::HttpOptions http_options(const Config& config) {
    net::HttpOptions options;
    options.header_bytes_max = config.limits.header_bytes_max;
    options.body_bytes_max = config.limits.body_bytes_max;
    options.handshake_ms = config.limits.handshake_ms;
    options.idle_ms = config.limits.idle_ms;
    options.connections_max = config.limits.connections_max;
    options.connections_per_address = config.limits.connections_per_address;
    options.message_bytes_max = config.limits.message_bytes_max;
    options.trusted_addresses = config.limits.trusted_addresses;
    options.proxy_addresses = config.limits.proxy_addresses;
    return options;
}

}  // namespace

App::App(Config config)
    : config_(std::move(config)),
      clock_(system_clock()),
      signals_(main_, SIGTERM, SIGINT),
      shards_(static_cast<unsigned>(config_.server.shards)),
      ledger_(with_folder(config_.ledger.path)),
      sessions_(ledger_, clock_, config_.auth.session_days),
      readiness_(ledger_, clock_),
      origins_(config_.site.url, config_.site.allowed_origins),
      pages_(config_),
      requests_(clock_, per_second(config_.limits.requests_per_second, config_.limits.requests_burst)),
      chat_(clock_, chat_rate(config_.room.chat_per_10s)),
      chat_filter_(config_.room),
      media_tokens_(clock_, media_token_rate),
      sign_in_(config_, clock_, ledger_, sessions_, api::make_sms_provider(config_.auth.code_provider)),
      relay_(shards_, redis::options_from(config_)) {
    make_servers();
    make_parts();
    make_ledger_side();
    // After the ports are bound: a start that fails must not make a password that nobody gets to see.
    first_operator_password_ = make_first_operator(ledger_, clock_);
    sessions_.on_revoked([this](const std::string& session_id) { end_sign_in(session_id); });
}

App::~App() { shards_.stop(); }

void App::make_servers() {
    auto options = http_options(config_);
    options.address = config_.server.address;
    options.port = static_cast<std::uint16_t>(config_.server.port);
    options.subprotocols = {std::string(room::proto_subprotocol), std::string(room::json_subprotocol)};
    options.may_upgrade = [this](const net::HttpRequest& request) {
        const auto origin = request.header("origin");
        return request.path == "/ws" && (origin.empty() || origins_.allows(origin));
    };
    site_ = std::make_unique<net::HttpServer>(
        shards_, std::move(options),
        [this](net::Shard& shard, net::HttpRequest request) { return parts_[shard.index()]->handle(std::move(request)); },
        [this](net::Shard& shard, net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) {
            parts_[shard.index()]->serve(std::move(request), std::move(connection));
        });
    site_->start();

    auto health_options = http_options(config_);
    health_options.port = static_cast<std::uint16_t>(config_.server.health_port);
    health_ = std::make_unique<net::HttpServer>(
        shards_, std::move(health_options),
        [this](net::Shard& shard, net::HttpRequest request) { return health(shard, std::move(request)); });
    health_->start();
}

void App::make_parts() {
    const auto notify_url = "http://127.0.0.1:" + std::to_string(site_->port()) + "/api/v1/payments/sandbox/notify";
    const SharedParts shared{config_, clock_, origins_, pages_, requests_, chat_, chat_filter_, media_tokens_, ledger_, sessions_, sign_in_, relay_,
                             commerce::load_webhook_secret(with_folder(config_.payment.webhook_secret_file)),
                             auth::load_media_secret(config_.media.secret_file), notify_url,
                             [this] { return current_dashboard(); }};
    for (unsigned i = 0; i < shards_.size(); ++i) {
        parts_.push_back(std::make_unique<ShardParts>(shared, shards_.at(i)));
        relay_.attach(i, *parts_.back());
        relay_.want(i, media_channel);
        relay_.want(i, orders_channel);
    }
}

void App::make_ledger_side() {
    auto& shard = shards_.at(0);
    auto& parts = *parts_[0];
    std::vector<room::Hub*> hubs;
    for (const auto& each : parts_) hubs.push_back(&each->hub());
    census_ = std::make_unique<room::Census>(shards_, std::move(hubs), parts.bus());
    projector_ = std::make_unique<ledger::Projector>(shard.executor(), redis::options_from(config_), ledger_,
                                                     ledger::Projector::Options{config_.ledger.batch_ms, config_.ledger.batch_rows});
    till_keeper_ = std::make_unique<commerce::TillKeeper>(shard.executor(), parts.till(), ledger_, *projector_);
    hold_sweeper_ = std::make_unique<commerce::HoldSweeper>(shard.executor(), parts.till(), ledger_, hold_sweep_period);
    sales_feed_ = std::make_unique<dashboard::SalesFeed>(shard, parts.bus(), ledger_, clock_, std::chrono::milliseconds(config_.room.tick_ms));
    dashboard_ = std::make_unique<dashboard::Dashboard>(
        shard, ledger_, parts.bus(), *census_, *sales_feed_, clock_,
        [this](const SharedBytes& proto, const SharedBytes& json) { push_dashboard(proto, json); });
    projector_->on_commit([this](const ledger::CommitSummary& summary) { on_commit(summary); });
}

void App::start() {
    for (const auto& parts : parts_) parts->shard().post([&each = *parts] { each.start(); });
    shards_.at(0).post([this] { start_shard_0(); });
    shards_.start();
}

void App::start_shard_0() {
    const auto executor = shards_.at(0).executor();
    relay_.start();
    projector_->start();
    till_keeper_->start();
    hold_sweeper_->start();
    net::spawn(executor, census_->run(), "census");
    net::spawn(executor, sales_feed_->run(), "sales_feed");
    net::spawn(executor, dashboard_->run(), "dashboard");
}

void App::stop_shard_0() {
    dashboard_->stop();
    sales_feed_->stop();
    census_->stop();
    hold_sweeper_->stop();
    till_keeper_->stop();
    projector_->stop();
    relay_.stop();
}

void App::run_until_stopped() {
    signals_.async_wait([this](boost::system::error_code ec, int) {
        if (ec) return;
        signals_.async_wait([](boost::system::error_code again, int) {
            if (!again) std::_Exit(EXIT_FAILURE);
        });
        net::spawn(main_.get_executor(), drain(), "drain");
    });
    main_.run();
    shards_.stop();
}

net::Task<> App::drain() {
    const std::chrono::milliseconds limit(config_.server.drain_ms);
    const auto deadline = clock_.steady() + limit;
    log::info("drain_started", {{"connections", site_->connections()}, {"limit_ms", config_.server.drain_ms}});
    readiness_.begin_drain();
    site_->stop_accepting();
    for (const auto& parts : parts_) net::spawn(parts->shard().executor(), parts->directory().drain(limit / 2), "drain_sessions");
    while (site_->connections() > 0 && clock_.steady() < deadline) co_await net::sleep_for(drain_poll);
    log::info("drain_ended", {{"connections_dropped", site_->connections()}});
    health_->stop_accepting();
    shards_.at(0).post([this] { stop_shard_0(); });
    for (const auto& parts : parts_) parts->shard().post([&each = *parts] { each.stop(); });
    signals_.cancel();
}

net::Task<net::HttpResponse> App::health(net::Shard& shard, net::HttpRequest request) {
    if (request.path == "/healthz") co_return net::HttpResponse::text(200, "{\"alive\":true}");
    if (request.path == "/ready") co_return co_await readiness_.answer(parts_[shard.index()]->redis());
    if (request.path == "/metrics") {
        metrics::gauge("livefair_connections", "Open connections of the site, WebSockets included.")
            .set(static_cast<double>(site_->connections()));
        co_return net::HttpResponse::text(200, metrics::to_text(), "text/plain; version=0.0.4");
    }
    co_return net::HttpResponse::text(404, "{\"paths\":[\"/healthz\",\"/ready\",\"/metrics\"]}");
}

net::Task<Result<v1::Dashboard>> App::current_dashboard() {
    auto building = dashboard_->current();
    co_return co_await net::asio::co_spawn(shards_.at(0).executor(), std::move(building), net::asio::use_awaitable);
}

void App::push_dashboard(const SharedBytes& proto, const SharedBytes& json) {
    for (const auto& parts : parts_)
        parts->shard().post([&each = *parts, proto, json] { each.directory().push_dashboard(proto, json); });
}

void App::end_sign_in(const std::string& session_id) {
    for (const auto& parts : parts_) parts->shard().post([&each = *parts, session_id] { each.directory().end_sign_in(session_id); });
}

void App::on_commit(const ledger::CommitSummary& summary) {
    watch_commits(summary.show);
    sales_feed_->on_commit(summary);
    for (const auto& parts : parts_)
        parts->shard().post([&each = *parts, left = summary.left] {
            for (const auto& offer : left) each.checkout().on_left(offer.offer, offer.left);
        });
}

void App::watch_commits(const ShowId& show) {
    if (!watched_commits_.insert(show).second) return;
    // A purchase that waits already is woken when the subscription is in force (ShardParts::resync_commits).
    for (const auto& parts : parts_) relay_.want(parts->shard().index(), commerce::CommitWatch::channel(show));
}

}  // namespace livefair
