#pragma once

#include <string>
#include <vector>

#include "auth/rate_limit.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"
#include "gateway/directory.hpp"
#include "gateway/services.hpp"
#include "net/http.hpp"
#include "redis/client.hpp"
#include "room/bus.hpp"
#include "room/chat_desk.hpp"
#include "room/hub.hpp"
#include "room/overload.hpp"
#include "room/question_desk.hpp"
#include "room/relay.hpp"

namespace livefair {

/// What the rooms of all shards share; thread-safe, made before the parts and gone after them.
struct SharedRoomParts {
    const Config& config;
    const Clock& clock;
    auth::KeyedLimiter& chat;
    const gateway::ChatFilter& chat_filter;
    room::Overload& overload;
    room::Relay& relay;
};

/// Where a shard's rooms and sessions get what the ledger knows: from the ledger itself, or from the program that has it.
struct RoomSources {
    room::Hub::ShowSource show_of;
    gateway::FindIdentity find_identity;
    gateway::LedgerSide* ledger_side = nullptr;  ///< One of these two is null.
    gateway::LedgerLink* ledger_link = nullptr;
};

/// Channels that every shard listens to from the start.
constexpr const char* media_channel = "lf:media";
constexpr const char* orders_channel = "lf:orders";

/// What one shard needs for rooms, with a ledger in the program or without: its Redis connection, hub and sessions. Made before the shards
/// start; used on its shard alone from then on.
class RoomParts {
public:
    /// `libraries`: Redis Functions to be loaded besides the rooms'.
    RoomParts(const SharedRoomParts& shared, net::Shard& shard, std::vector<std::string> libraries, RoomSources sources);
    ~RoomParts();

    /// On the shard: connects to Redis and begins to measure the load.
    void start();
    void stop();
    /// Serves a client's WebSocket.
    void serve(net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection);
    /// A message of media_channel, orders_channel or a room's channel.
    void on_message(const std::string& channel, const SharedBytes& payload);
    void on_subscribed(const std::string& channel) { hub_.on_subscribed(channel); }
    void on_lost(const std::string& channel) { hub_.on_lost(channel); }

    net::Shard& shard() { return shard_; }
    redis::Client& redis() { return redis_; }
    room::Bus& bus() { return bus_; }
    room::QuestionDesk& question_desk() { return question_desk_; }
    room::Hub& hub() { return hub_; }
    gateway::Directory& directory() { return directory_; }

private:
    net::Task<> measure_load();

    net::Shard& shard_;
    room::Overload& overload_;
    redis::Client redis_;
    room::Bus bus_;
    room::ChatDesk chat_desk_;
    room::QuestionDesk question_desk_;
    room::Hub hub_;
    gateway::Directory directory_;
    gateway::Services services_;
    bool stopped_ = false;
};

}  // namespace livefair
