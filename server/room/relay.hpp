#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "net/shard.hpp"
#include "redis/subscriber.hpp"

namespace livefair::room {

/// One shard's end of the relay; called on that shard alone.
class Inbox {
public:
    virtual ~Inbox() = default;
    virtual void on_message(const std::string& channel, const SharedBytes& payload) = 0;
    /// The shard gets `channel` from now on (again, after the connection to Redis was lost): what was published before may be missing.
    virtual void on_subscribed(const std::string& channel) = 0;
    /// The connection that brings `channel` is lost: nothing comes until on_subscribed().
    virtual void on_lost(const std::string& channel) = 0;
};

/// Hands what Redis publishes to the shards that asked for it: one subscriber a process, however many shards. Lives on shard 0.
class Relay {
public:
    /// `inboxes[i]` is shard i's and outlives the shards' threads.
    Relay(net::Shards& shards, redis::Options options);
    /// Before start(), once for each shard.
    void attach(unsigned shard, Inbox& inbox);
    void start();
    void stop();
    /// From now on `channel` goes to shard `shard`; its Inbox hears on_subscribed() when that is in force. Thread-safe.
    void want(unsigned shard, const std::string& channel);
    /// The shard needs `channel` no more; messages on their way may still come. Thread-safe.
    void unwant(unsigned shard, const std::string& channel);

private:
    struct Channel {
        std::vector<unsigned> shards;
        bool in_force = false;
    };
    void add(unsigned shard, const std::string& channel);
    void remove(unsigned shard, const std::string& channel);
    void on_message(const std::string& channel, const std::string& payload);
    void on_subscribed(const std::string& channel);
    void on_lost(const std::string& channel);
    void tell_subscribed(unsigned shard, const std::string& channel);

    net::Shards& shards_;
    std::vector<Inbox*> inboxes_;
    std::unordered_map<std::string, Channel> channels_;
    redis::Subscriber subscriber_;
};

}  // namespace livefair::room
