#pragma once

#include <functional>
#include <memory>
#include <string>

#include "redis/client.hpp"

namespace livefair::redis {

/// Sharded subscriptions (SSUBSCRIBE) on a connection of their own. Lives on one executor; not thread-safe.
/// PINGs every 5 s; a dead connection is replaced and every channel subscribed again.
class Subscriber {
public:
    using OnMessage = std::function<void(const std::string& channel, const std::string& payload)>;
    /// Called after each channel's subscription is (again) in force: what was published while it was not is lost to us,
    /// so the owner reads the history from its last position.
    using OnSubscribed = std::function<void(const std::string& channel)>;
    /// Called when the connection is lost: no channel brings anything until it is subscribed again.
    using OnLost = std::function<void()>;
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
