#include "shard_parts.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <stdexcept>

#include "base/log.hpp"
#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "ledger/samples.hpp"
#include "ledger/sessions.hpp"

namespace livefair {
namespace {

constexpr std::string_view show_prefix = "{s";
constexpr std::string_view committed_suffix = "}:committed";

commerce::SandboxProvider::Options sandbox_options(const SharedParts& shared) {
    // The adapters of WeChat Pay and Alipay are not connected to real money; nobody is to find that out with an order.
    if (shared.config.payment.provider != "sandbox")
        throw std::runtime_error("payment.provider: must be \"sandbox\"; no other provider is connected to real money");
    commerce::SandboxProvider::Options options;
    options.site_url = shared.config.site.url;
    options.notify_url = shared.notify_url;
    options.secrets = shared.webhook_secrets;
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

}  // namespace

ShardParts::ShardParts(const SharedParts& shared, net::Shard& shard)
    : config_(shared.config),
      ledger_(shared.ledger),
      rooms_(shared.rooms, shard, {commerce::till_library()}, room_sources(shared)),
      till_(rooms_.redis()),
      checkout_(till_, commits_, shared.ledger, shared.sold_out, {.is_relaxed = shared.config.orders.relaxed_answers, .queue = {}}),
      order_desk_(rooms_.redis(), shared.ledger),
      sales_(till_, shared.ledger),
      ledger_side_{shared.ledger, checkout_, sales_},
      sandbox_(shard.executor(), shared.ledger, shared.rooms.clock, sandbox_options(shared)),
      payments_(till_, commits_, shared.ledger, shared.rooms.clock, sandbox_, {}),
      stream_keys_(shared.ledger, rooms_.redis(), shared.rooms.clock),
      push_targets_(shared.ledger, rooms_.redis(), shared.media_secret),
      private_rooms_(shared.ledger, rooms_.redis()),
      players_(rooms_.redis()),
      api_(api_services(shared)) {}

ShardParts::~ShardParts() = default;

RoomSources ShardParts::room_sources(const SharedParts& shared) {
    RoomSources sources;
    sources.show_of = [this](RoomId room) { return show_of(std::move(room)); };
    sources.find_identity = [&sessions = shared.sessions](std::string token) { return sessions.find(std::move(token)); };
    sources.ledger_side = &ledger_side_;
    return sources;
}

api::Services ShardParts::api_services(const SharedParts& shared) {
    auto curve = [&ledger = shared.ledger](ShowId show) {
        return ledger.read([show](ledger::Database& db) { return ledger::curve_of_show(db, show); });
    };
    return {shared.config, shared.rooms.clock, shared.origins, shared.pages, shared.requests, shared.media_tokens, shared.ledger, shared.sessions, shared.sign_in,
            checkout_, order_desk_, sales_, payments_, sandbox_, rooms_.bus(), rooms_.question_desk(), stream_keys_, push_targets_, private_rooms_, players_, shared.media_secret,
            shared.dashboard, curve};
}

void ShardParts::start() {
    if (shard().index() == 0)
        redis().on_connected([this](const std::string&) { net::spawn(shard().executor(), mirror_for_media(), "mirror_for_media"); });
    rooms_.start();
}

void ShardParts::on_message(const std::string& channel, const SharedBytes& payload) {
    const auto show = show_of_channel(channel);
    if (!show.empty()) return commits_.on_committed(show, *payload);
    rooms_.on_message(channel, payload);
}

void ShardParts::on_subscribed(const std::string& channel) {
    const auto show = show_of_channel(channel);
    if (!show.empty()) net::spawn(shard().executor(), resync_commits(show), "resync_commits");
    else rooms_.on_subscribed(channel);
}

net::Task<> ShardParts::resync_commits(ShowId show) {
    const auto newest = co_await till_.committed(show);
    if (newest && !newest->empty()) commits_.on_resynced(show, *newest);
}

net::Task<Result<v1::Show>> ShardParts::show_of(RoomId room) {
    auto find = [room](ledger::Database& db) { return ledger::find_show_of_room(db, room); };
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

}  // namespace livefair
