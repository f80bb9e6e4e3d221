#include "app.hpp"

#include <livefair/v1/socket.pb.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "auth/media_secret.hpp"
#include "auth/personal_keys.hpp"
#include "base/log.hpp"
#include "chat_rate.hpp"
#include "commerce/webhook_secrets.hpp"
#include "ledger/personal.hpp"

namespace livefair {
namespace {

constexpr std::chrono::milliseconds hold_sweep_period{500}, refund_period{1000}, end_check_period{5000};
/// Of one account; a page needs one each ten minutes, and one for each room it shows.
constexpr auth::Rate media_token_rate{0.5, 30};

auth::Rate per_second(std::int64_t rate, std::int64_t burst) { return {static_cast<double>(rate), static_cast<double>(burst)}; }

const std::string& with_folder(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    return path;
}

ledger::Ledger::Options ledger_options(const Config& config) {
    ledger::Ledger::Options options{config.ledger.location(), {}, {}};
    options.database.wal_bytes_max = config.ledger.wal_bytes_max;
    options.personal_keys = auth::PersonalKeys::load(config.orders.personal_key_file);
    return options;
}

/// What older versions wrote in plain text, or older keys sealed. Each chunk is a commit of its own, so that it goes on
/// where a start was broken off.
void seal_personal_data(ledger::Ledger& ledger) {
    constexpr std::int64_t chunk = 1000;
    for (;;) {
        const auto sealed = ledger.write_blocking([](ledger::Database& database) { return ledger::seal_old_rows(database, chunk); });
        if (!sealed && sealed.error() != Errc::internal)
            throw std::runtime_error("personal data can't be sealed: " + sealed.error().message());
        if (!sealed)
            throw std::runtime_error("personal data can't be read with the keys of orders.personal_key_file; put back the file that belongs to this ledger");
        if (*sealed == 0) return;
    }
}

std::string make_first_operator(ledger::Ledger& ledger, const Clock& clock) {
    auto password = api::create_first_operator(ledger, clock);
    if (!password) throw std::runtime_error("the first operator could not be made: " + password.error().message());
    return std::move(*password);
}

}  // namespace

App::App(Config config)
    : config_(std::move(config)),
      clock_(system_clock()),
      shards_(static_cast<unsigned>(config_.server.shards)),
      ledger_(ledger_options(config_)),
      sessions_(ledger_, clock_, config_.auth.session_days),
      readiness_(ledger_, clock_),
      origins_(config_.site.url, config_.site.allowed_origins),
      pages_(config_),
      requests_(clock_, per_second(config_.limits.requests_per_second, config_.limits.requests_burst)),
      chat_(clock_, chat_rate(config_)),
      chat_filter_(config_.room),
      media_tokens_(clock_, media_token_rate),
      sign_in_(config_, clock_, ledger_, sessions_, api::make_sms_provider(config_.auth.code_provider)),
      relay_(shards_, redis::options_from(config_)),
      program_(config_, clock_, origins_, shards_, *this) {
    program_.bind();
    seal_personal_data(ledger_);
    make_parts();
    make_ledger_side();
    // After the ports are bound: a start that fails must not make a password that nobody gets to see.
    first_operator_password_ = make_first_operator(ledger_, clock_);
    sessions_.on_revoked([this](const std::string& session_id) { end_sign_in(session_id); });
}

App::~App() { shards_.stop(); }

void App::make_parts() {
    const auto notify_url = "http://127.0.0.1:" + std::to_string(program_.port()) + "/api/v1/payments/sandbox/notify";
    const SharedRoomParts rooms{config_, clock_, chat_, chat_filter_, program_.overload(), relay_};
    const SharedParts shared{rooms, config_, origins_, pages_, requests_, media_tokens_, ledger_, sold_out_, sessions_, sign_in_,
                             commerce::load_webhook_secrets(with_folder(config_.payment.webhook_secret_file)),
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
    for (const auto& each : parts_) hubs.push_back(&each->rooms().hub());
    census_ = std::make_unique<room::Census>(shards_, std::move(hubs), parts.rooms().bus(), parts.rooms().question_desk());
    projector_ = std::make_unique<ledger::Projector>(shard.executor(), redis::options_from(config_), ledger_,
                                                     ledger::Projector::Options{config_.ledger.batch_ms, config_.ledger.batch_rows,
                                                                                std::chrono::milliseconds(config_.ledger.lease_ms)});
    till_keeper_ = std::make_unique<commerce::TillKeeper>(shard.executor(), parts.till(), ledger_, *projector_, config_.orders.relaxed_answers);
    refund_desk_ = std::make_unique<commerce::RefundDesk>(shard.executor(), parts.till(), ledger_, parts.order_desk(), clock_, refund_period);
    hold_sweeper_ = std::make_unique<commerce::HoldSweeper>(shard.executor(), parts.till(), ledger_, hold_sweep_period);
    hold_sweeper_->before_expiry([&payments = parts.payments()](std::vector<OrderId> orders) { return payments.close_unpaid(std::move(orders)); });
    refunds_ = std::make_unique<commerce::Refunds>(shard.executor(), ledger_, clock_, parts.payment_provider(), commerce::Refunds::Options{});
    statement_check_ = std::make_unique<commerce::StatementCheck>(shard.executor(), ledger_, clock_, parts.payment_provider(),
                                                                  [&payments = parts.payments()](commerce::Verified verified) { return payments.settle(std::move(verified)); });
    end_check_ = std::make_unique<commerce::EndCheck>(shard.executor(), parts.till(), ledger_, *projector_, clock_, end_check_period);
    sales_feed_ = std::make_unique<dashboard::SalesFeed>(shard, parts.rooms().bus(), ledger_, clock_, std::chrono::milliseconds(config_.room.tick_ms));
    dashboard_ = std::make_unique<dashboard::Dashboard>(
        shard, ledger_, parts.rooms().bus(), *census_, *sales_feed_, clock_, config_.orders.relaxed_answers,
        [this](const SharedBytes& proto, const SharedBytes& json) { push_dashboard(proto, json); });
    projector_->on_commit([this](const ledger::CommitSummary& summary) { on_commit(summary); });
}

void App::start() {
    if (config_.orders.relaxed_answers) log::warn("answers_are_relaxed", {{"setting", "orders.relaxed_answers"}});
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
    refund_desk_->start();
    refunds_->start();
    statement_check_->start();
    end_check_->start();
    net::spawn(executor, census_->run(), "census");
    net::spawn(executor, sales_feed_->run(), "sales_feed");
    net::spawn(executor, dashboard_->run(), "dashboard");
}

void App::stop_shard_0() {
    dashboard_->stop();
    sales_feed_->stop();
    census_->stop();
    refund_desk_->stop();
    end_check_->stop();
    statement_check_->stop();
    refunds_->stop();
    hold_sweeper_->stop();
    till_keeper_->stop();
    projector_->stop();
    relay_.stop();
}

net::Task<net::HttpResponse> App::handle(net::Shard& shard, net::HttpRequest request) { return parts_[shard.index()]->handle(std::move(request)); }

void App::serve(net::Shard& shard, net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) {
    parts_[shard.index()]->rooms().serve(std::move(request), std::move(connection));
}

net::Task<net::HttpResponse> App::ready(net::Shard& shard) { return readiness_.answer(parts_[shard.index()]->redis()); }

void App::stop_shards() {
    shards_.at(0).post([this] { stop_shard_0(); });
    for (const auto& parts : parts_) parts->shard().post([&each = *parts] { each.stop(); });
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
    for (const auto& offer : summary.left) sold_out_.on_left(offer.offer, offer.left);
}

void App::watch_commits(const ShowId& show) {
    if (!watched_commits_.insert(show).second) return;
    // A purchase that waits already is woken when the subscription is in force (ShardParts::resync_commits).
    for (const auto& parts : parts_) relay_.want(parts->shard().index(), commerce::CommitWatch::channel(show));
}

}  // namespace livefair
