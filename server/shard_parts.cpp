#include "shard_parts.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "gateway/session.hpp"
#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "ledger/samples.hpp"

namespace livefair {
namespace {

constexpr std::string_view show_prefix = "{s";
constexpr std::string_view committed_suffix = "}:committed";
constexpr std::chrono::milliseconds lag_period{100};

redis::Options redis_options(const Config& config) {
    auto options = redis::options_from(config);
    options.libraries = {std::string(commerce::till_library()), std::string(room::library_source())};
    return options;
}

commerce::Payments::Options payment_options(const SharedParts& shared) {
    commerce::Payments::Options options;
    options.site_url = shared.config.site.url;
    options.secrets = {shared.webhook_secret};
    options.window_s = shared.config.payment.webhook_window_s;
    return options;
}

/// The show of "{s<show>}:committed"; empty for every other channel.
ShowId show_of_channel(std::string_view channel) {
    if (!channel.starts_with(show_prefix) || !channel.ends_with(committed_suffix)) return ShowId();
    channel.remove_prefix(show_prefix.size());
    channel.remove_suffix(committed_suffix.size());
    return ShowId(std::string(channel));
}

Result<v1::Show> find_show_of_room(ledger::Database& db, const RoomId& room) {
    const auto show = ledger::show_of_room(db, room);
    if (!show) return show.error();
    return ledger::find_show(db, *show);
}

}  // namespace

ShardParts::ShardParts(const SharedParts& shared, net::Shard& shard)
    : shard_(shard),
      config_(shared.config),
      ledger_(shared.ledger),
      redis_(shard.executor(), redis_options(shared.config)),
      bus_(redis_, std::chrono::milliseconds(shared.config.redis.deadline_ms), shared.config.room.history_max),
      chat_desk_(redis_, std::chrono::milliseconds(shared.config.redis.deadline_ms), shared.config.room.history_max),
      hub_(shard, bus_, shared.relay, [this](RoomId room) { return show_of(std::move(room)); }, shared.config.room, shared.clock),
      till_(redis_),
      checkout_(till_, commits_, shared.ledger, shared.clock, {}),
      sales_(till_, shared.ledger),
      payments_(till_, commits_, shared.ledger, shared.clock, payment_options(shared)),
      sandbox_(shard.executor(), shared.ledger, shared.clock, shared.notify_url, shared.webhook_secret),
      stream_keys_(shared.ledger, redis_, shared.clock),
      push_targets_(shared.ledger, redis_, shared.media_secret),
      private_rooms_(shared.ledger, redis_),
      players_(redis_),
      gateway_services_{shared.config, shared.clock, shared.chat, shared.chat_filter, shared.ledger, shared.sessions, checkout_, sales_, bus_, chat_desk_, hub_, directory_},
      api_(api_services(shared)) {
    hub_.on_ban([this](const RoomId& room, const AccountId& account) { directory_.remove_from_room(account, room); });
}

ShardParts::~ShardParts() = default;

api::Services ShardParts::api_services(const SharedParts& shared) {
    auto curve = [&ledger = shared.ledger](ShowId show) {
        return ledger.read([show](ledger::Database& db) { return ledger::curve_of_show(db, show); });
    };
    return {shared.config, shared.clock, shared.origins, shared.pages, shared.requests, shared.media_tokens, shared.ledger, shared.sessions, shared.sign_in,
            checkout_, sales_, payments_, sandbox_, bus_, stream_keys_, push_targets_, private_rooms_, players_, shared.media_secret,
            shared.dashboard, curve};
}

void ShardParts::start() {
    if (shard_.index() == 0)
        redis_.on_connected([this](const std::string&) { net::spawn(shard_.executor(), mirror_for_media(), "mirror_for_media"); });
    redis_.start();
    net::spawn(shard_.executor(), measure_lag(), "measure_lag");
}

void ShardParts::stop() {
    stopped_ = true;
    redis_.stop();
}

void ShardParts::serve(net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) {
    std::make_shared<gateway::Session>(gateway_services_, request, std::move(connection))->start();
}

void ShardParts::on_message(const std::string& channel, const SharedBytes& payload) {
    if (channel == media_channel) return hub_.on_stream(payload);
    if (channel == orders_channel) return directory_.on_order(*payload);
    const auto show = show_of_channel(channel);
    if (!show.empty()) return commits_.on_committed(show, *payload);
    hub_.on_message(channel, payload);
}

void ShardParts::on_subscribed(const std::string& channel) {
    const auto show = show_of_channel(channel);
    if (!show.empty()) net::spawn(shard_.executor(), resync_commits(show), "resync_commits");
    else hub_.on_subscribed(channel);
}

net::Task<> ShardParts::resync_commits(ShowId show) {
    const auto newest = co_await till_.committed(show);
    if (newest && !newest->empty()) commits_.on_resynced(show, *newest);
}

net::Task<Result<v1::Show>> ShardParts::show_of(RoomId room) {
    auto find = [room](ledger::Database& db) { return find_show_of_room(db, room); };
    auto show = co_await ledger_.read(std::move(find));
    if (!show) co_return show.error();
    if (show->playlist_url().empty()) show->set_playlist_url(config_.site.media_url + "/hls/" + room.str() + "/index.m3u8");
    if (show->state() != v1::SHOW_STATE_LIVE) co_return show;
    // The ledger knows what is committed; the till knows what is held this moment.
    const ShowId id(show->id());
    const auto left = co_await sales_.left_of(id);
    if (!left) co_return show;
    for (auto& offer : *show->mutable_offers()) {
        const auto known = std::find_if(left->begin(), left->end(), [&](const auto& each) { return each.offer.str() == offer.id(); });
        if (known != left->end()) offer.set_left(known->left);
    }
    co_return show;
}

net::Task<> ShardParts::mirror_for_media() {
    const auto rooms = co_await private_rooms_.mirror_all();
    if (!rooms) log::error("private_rooms_not_mirrored", {{"why", rooms.error().message()}});
    const auto keys = co_await stream_keys_.mirror_all();
    if (!keys) log::error("stream_keys_not_mirrored", {{"why", keys.error().message()}});
    const auto targets = co_await push_targets_.mirror_all();
    if (!targets) log::error("push_targets_not_mirrored", {{"why", targets.error().message()}});
}

net::Task<> ShardParts::measure_lag() {
    auto lag = metrics::gauge("livefair_loop_lag_seconds", "How late a timer of the shard's loop was, at the last measurement.",
                              {{"shard", std::to_string(shard_.index())}});
    while (!stopped_) {
        const auto due = std::chrono::steady_clock::now() + lag_period;
        co_await net::sleep_for(lag_period);
        lag.set(std::chrono::duration<double>(std::chrono::steady_clock::now() - due).count());
    }
}

}  // namespace livefair
