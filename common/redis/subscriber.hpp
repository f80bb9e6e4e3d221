#pragma once

#include <functional>
#include <memory>
#include <string>

#include "redis/client.hpp"

namespace livefair::redis {

/// Sharded subscriptions (SSUBSCRIBE) on connections of their own: to one Redis, or to the servers of a cluster that have the channels' slots.
/// Lives on one executor; not thread-safe. PINGs every 5 s; a dead connection is replaced and its channels subscribed again, where their slots are by then.
class Subscriber {
public:
    using OnMessage = std::function<void(const std::string& channel, const std::string& payload)>;
    /// Called after each channel's subscription is (again) in force: what was published while it was not is lost to us,
    /// so the owner reads the history from its last position.
    using OnSubscribed = std::function<void(const std::string& channel)>;
    /// Called for each channel when its connection is lost: it brings nothing until it is subscribed again.
    using OnLost = std::function<void(const std::string& channel)>;
    Subscriber(net::asio::any_io_executor executor, Options options, OnMessage on_message, OnSubscribed on_subscribed, OnLost on_lost = {});
    ~Subscriber();

    void start();
    void stop();
    void subscribe(const std::string& channel);
    void unsubscribe(const std::string& channel);
    bool is_connected() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::redis
