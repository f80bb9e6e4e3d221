#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "api/private_rooms.hpp"
#include "api/push_targets.hpp"
#include "api/services.hpp"
#include "api/stream_keys.hpp"
#include "base/config.hpp"
#include "commerce/checkout.hpp"
#include "commerce/commit_watch.hpp"
#include "commerce/order_desk.hpp"
#include "commerce/payment_provider.hpp"
#include "commerce/payments.hpp"
#include "commerce/sales.hpp"
#include "commerce/sandbox_provider.hpp"
#include "commerce/sold_out_book.hpp"
#include "commerce/till.hpp"
#include "net/http.hpp"
#include "room/players.hpp"
#include "room/relay.hpp"
#include "room_parts.hpp"

namespace livefair {

/// What all shards share; thread-safe, owned by App, made before the parts and gone after them.
struct SharedParts {
    const SharedRoomParts& rooms;
    const Config& config;
    const auth::Origins& origins;
    const api::Pages& pages;
    auth::KeyedLimiter& requests;
    auth::KeyedLimiter& media_tokens;
    ledger::Ledger& ledger;
    commerce::SoldOutBook& sold_out;
    ledger::Sessions& sessions;
    api::SignIn& sign_in;
    std::vector<std::string> webhook_secrets;  ///< See commerce/webhook_secrets.hpp.
    std::string media_secret;  ///< Shared with livefair-media; see auth/media_secret.hpp.
    std::string notify_url;  ///< Where the sandbox sends its webhooks.
    std::function<net::Task<Result<v1::Dashboard>>()> dashboard;
};

/// Everything that one shard has for itself in the program with the ledger. Made before the shards start; used on its shard alone from then on.
/// Sorts what the relay brings.
class ShardParts final : public room::Inbox {
public:
    ShardParts(const SharedParts& shared, net::Shard& shard);
    ~ShardParts() override;

    /// On the shard.
    void start();
    void stop() { rooms_.stop(); }

    net::Task<net::HttpResponse> handle(net::HttpRequest request) { return api_.handle(shard(), std::move(request)); }

    void on_message(const std::string& channel, const SharedBytes& payload) override;
    void on_subscribed(const std::string& channel) override;
    void on_lost(const std::string& channel) override { rooms_.on_lost(channel); }

    net::Shard& shard() { return rooms_.shard(); }
    redis::Client& redis() { return rooms_.redis(); }
    RoomParts& rooms() { return rooms_; }
    gateway::Directory& directory() { return rooms_.directory(); }
    commerce::Till& till() { return till_; }
    commerce::OrderDesk& order_desk() { return order_desk_; }
    commerce::Payments& payments() { return payments_; }
    commerce::PaymentProvider& payment_provider() { return sandbox_; }

private:
    net::Task<Result<v1::Show>> show_of(RoomId room);
    net::Task<> resync_commits(ShowId show);
    net::Task<> mirror_for_media();
    RoomSources room_sources(const SharedParts& shared);
    api::Services api_services(const SharedParts& shared);

    const Config& config_;
    ledger::Ledger& ledger_;
    RoomParts rooms_;
    commerce::Till till_;
    commerce::CommitWatch commits_;
    commerce::Checkout checkout_;
    commerce::OrderDesk order_desk_;
    commerce::Sales sales_;
    gateway::LedgerSide ledger_side_;
    commerce::SandboxProvider sandbox_;
    commerce::Payments payments_;
    api::StreamKeys stream_keys_;
    api::PushTargets push_targets_;
    api::PrivateRooms private_rooms_;
    room::Players players_;
    api::Api api_;
};

}  // namespace livefair
