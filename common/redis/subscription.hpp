#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "redis/connection.hpp"

/// Private to common/redis: what a subscriber holds of one server.
namespace livefair::redis {

/// Sharded subscriptions on one connection to one server, which is replaced when it is dead. Always held by a shared_ptr.
class Subscription : public std::enable_shared_from_this<Subscription> {
public:
    struct Handlers {
        std::function<void(const std::string& channel, const std::string& payload)> on_message;
        std::function<void(const std::string& channel)> on_subscribed;
        /// The channel brings nothing any more: the connection is lost, or the server has given the channel's slot away.
        std::function<void(const std::string& channel)> on_lost;
        /// The server does not have the slot of some channel; the others go on. Also called after on_lost, and when no connection comes about.
        std::function<void()> on_misplaced;
    };
    Subscription(net::asio::any_io_executor executor, Options options, Handlers handlers);

    void start();
    void stop();
    /// Again is allowed: it is asked for once more.
    void subscribe(const std::string& channel);
    void unsubscribe(const std::string& channel);
    bool is_connected() const { return is_connected_; }

private:
    static net::Task<> run(std::shared_ptr<Subscription> self);
    static net::Task<> write(std::shared_ptr<Subscription> self, std::shared_ptr<Connection> connection);
    static net::Task<bool> read(std::shared_ptr<Subscription> self, std::shared_ptr<Connection> connection);
    static net::Task<> watch(std::shared_ptr<Subscription> self, std::shared_ptr<Connection> connection);
    void connected();
    void lost();
    void send(const Client::Command& command);
    void handle(const Reply& reply);

    net::asio::any_io_executor executor_;
    const Options options_;
    const Handlers handlers_;
    std::shared_ptr<Connection> connection_;
    net::asio::steady_timer pause_;    ///< Between attempts to connect; cancelled by stop().
    net::asio::steady_timer to_send_;  ///< The writer sleeps on it; cancelled when there is something to send.
    std::string outgoing_;
    std::set<std::string> channels_;
    bool is_started_ = false;
    bool is_connected_ = false;
    bool is_stopped_ = false;
};

}  // namespace livefair::redis
