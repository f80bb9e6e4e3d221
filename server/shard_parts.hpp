#pragma once

#include <functional>
#include <string>

#include "api/api.hpp"
#include "api/private_rooms.hpp"
#include "api/push_targets.hpp"
#include "api/services.hpp"
#include "api/stream_keys.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"
#include "commerce/checkout.hpp"
#include "commerce/commit_watch.hpp"
#include "commerce/payments.hpp"
#include "commerce/sales.hpp"
#include "commerce/sandbox_provider.hpp"
#include "commerce/till.hpp"
#include "gateway/directory.hpp"
#include "gateway/services.hpp"
#include "net/http.hpp"
#include "redis/client.hpp"
#include "room/bus.hpp"
#include "room/chat_desk.hpp"
#include "room/hub.hpp"
#include "room/players.hpp"
#include "room/relay.hpp"

namespace livefair {

/// What all shards share; thread-safe, owned by App, made before the parts and gone after them.
struct SharedParts {
    const Config& config;
    const Clock& clock;
    const auth::Origins& origins;
    const api::Pages& pages;
    auth::KeyedLimiter& requests;
    auth::KeyedLimiter& chat;
    const gateway::ChatFilter& chat_filter;
    auth::KeyedLimiter& media_tokens;
    ledger::Ledger& ledger;
    ledger::Sessions& sessions;
    api::SignIn& sign_in;
    room::Relay& relay;
    std::string webhook_secret;
    std::string media_secret;  ///< Shared with livefair-media; see auth/media_secret.hpp.
    std::string notify_url;  ///< Where the sandbox sends its webhooks.
    std::function<net::Task<Result<v1::Dashboard>>()> dashboard;
};

/// Channels that every shard listens to from the start.
constexpr const char* media_channel = "lf:media";
constexpr const char* orders_channel = "lf:orders";

/// Everything that one shard has for itself: its Redis connection and the objects on top of it. Made before the shards start;
/// used on its shard alone from then on. Sorts what the relay brings.
class ShardParts final : public room::Inbox {
public:
    ShardParts(const SharedParts& shared, net::Shard& shard);
    ~ShardParts() override;

    /// On the shard: connects to Redis and begins to measure the loop's lag.
    void start();
    void stop();

    net::Task<net::HttpResponse> handle(net::HttpRequest request) { return api_.handle(shard_, std::move(request)); }
    void serve(net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection);

    void on_message(const std::string& channel, const SharedBytes& payload) override;
    void on_subscribed(const std::string& channel) override;

    net::Shard& shard() { return shard_; }
    redis::Client& redis() { return redis_; }
    room::Bus& bus() { return bus_; }
    room::Hub& hub() { return hub_; }
    room::Players& players() { return players_; }
    commerce::Till& till() { return till_; }
    commerce::Checkout& checkout() { return checkout_; }
    api::StreamKeys& stream_keys() { return stream_keys_; }
    gateway::Directory& directory() { return directory_; }

private:
    net::Task<Result<v1::Show>> show_of(RoomId room);
    net::Task<> resync_commits(ShowId show);
    net::Task<> measure_lag();
    net::Task<> mirror_for_media();
    api::Services api_services(const SharedParts& shared);

    net::Shard& shard_;
    const Config& config_;
    ledger::Ledger& ledger_;
    redis::Client redis_;
    room::Bus bus_;
    room::ChatDesk chat_desk_;
    room::Hub hub_;
    commerce::Till till_;
    commerce::CommitWatch commits_;
    commerce::Checkout checkout_;
    commerce::Sales sales_;
    commerce::Payments payments_;
    commerce::SandboxProvider sandbox_;
    api::StreamKeys stream_keys_;
    api::PushTargets push_targets_;
    api::PrivateRooms private_rooms_;
    room::Players players_;
    gateway::Directory directory_;
    gateway::Services gateway_services_;
    api::Api api_;
    bool stopped_ = false;
};

}  // namespace livefair
