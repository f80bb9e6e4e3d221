#include "redis/subscription.hpp"

#include "base/log.hpp"
#include "redis/codec.hpp"
#include "redis/slot.hpp"

namespace livefair::redis {

Subscription::Subscription(net::asio::any_io_executor executor, Options options, Handlers handlers)
    : executor_(std::move(executor)), options_(std::move(options)), handlers_(std::move(handlers)), pause_(executor_), to_send_(executor_) {}

void Subscription::start() {
    if (!std::exchange(is_started_, true)) net::spawn(executor_, run(shared_from_this()), "redis_subscription");
}

void Subscription::stop() {
    is_stopped_ = true;
    is_connected_ = false;
    if (connection_) connection_->close();
    to_send_.cancel();
    pause_.cancel();
}

void Subscription::subscribe(const std::string& channel) {
    channels_.insert(channel);
    send({"SSUBSCRIBE", channel});
}

void Subscription::unsubscribe(const std::string& channel) {
    if (channels_.erase(channel)) send({"SUNSUBSCRIBE", channel});
}

/// Connects, subscribes to everything, serves, and connects again until stop().
net::Task<> Subscription::run(std::shared_ptr<Subscription> self) {
    BackOff back_off;
    while (!self->is_stopped_) {
        self->connection_ = std::make_shared<Connection>(self->executor_, self->options_);
        const auto connection = self->connection_;
        const auto opened = co_await connection->open();
        if (opened && !self->is_stopped_) {
            self->connected();
            net::spawn(self->executor_, write(self, connection), "redis_subscription_writer");
            net::spawn(self->executor_, watch(self, connection), "redis_subscription_watch");
            if (co_await read(self, connection)) back_off.reset();
        }
        connection->close();
        const bool was_connected = std::exchange(self->is_connected_, false);
        self->to_send_.cancel();
        if (self->is_stopped_) break;
        if (was_connected) self->lost();
        self->handlers_.on_misplaced();
        self->pause_.expires_after(back_off.next());
        co_await self->pause_.async_wait(net::as_result);
    }
}

void Subscription::lost() {
    log::warn("redis_subscriber_connection_lost");
    const auto channels = channels_;  // a handler may unsubscribe
    for (const auto& channel : channels) handlers_.on_lost(channel);
}

void Subscription::connected() {
    is_connected_ = true;
    outgoing_.clear();
    // One command a channel: in a cluster each may have a slot of its own.
    for (const auto& channel : channels_) send({"SSUBSCRIBE", channel});
}

/// What is sent while there is no connection is dropped: connected() subscribes to every channel.
void Subscription::send(const Client::Command& command) {
    if (!is_connected_) return;
    append_command(outgoing_, command);
    to_send_.cancel();
}

net::Task<> Subscription::write(std::shared_ptr<Subscription> self, std::shared_ptr<Connection> connection) {
    while (connection->is_open()) {
        if (self->outgoing_.empty()) {
            self->to_send_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await self->to_send_.async_wait(net::as_result);
            continue;
        }
        auto bytes = std::exchange(self->outgoing_, {});
        const auto sent = co_await connection->send(std::move(bytes));
        if (!sent) connection->close();
    }
}

/// Hands out messages until the connection ends; true when at least one reply came.
net::Task<bool> Subscription::read(std::shared_ptr<Subscription> self, std::shared_ptr<Connection> connection) {
    for (bool has_heard = false;; has_heard = true) {
        const auto reply = co_await connection->receive();
        if (!reply || self->is_stopped_) co_return has_heard;
        if (!reply->is_error()) {
            self->handle(*reply);
        } else if (parse_redirect(reply->text)) {
            self->handlers_.on_misplaced();
        } else {
            log::error("redis_subscribe_failed", {{"why", reply->text}});
            co_return has_heard;
        }
    }
}

void Subscription::handle(const Reply& reply) {
    // PONG is a plain text before the first subscription and an array after it; it only has to have come.
    if (reply.items.size() != 3) return;
    const auto& kind = reply.items[0].text;
    const auto& channel = reply.items[1].text;
    if (!channels_.count(channel)) return;
    if (kind == "smessage") handlers_.on_message(channel, reply.items[2].text);
    if (kind == "ssubscribe") handlers_.on_subscribed(channel);
    if (kind == "sunsubscribe") {
        // Not asked for: the slot has gone to another server.
        handlers_.on_lost(channel);
        handlers_.on_misplaced();
    }
}

/// Pings, and closes a connection on which nothing came for ping_deadline after that.
net::Task<> Subscription::watch(std::shared_ptr<Subscription> self, std::shared_ptr<Connection> connection) {
    for (;;) {
        co_await net::sleep_for(self->options_.ping_every);
        if (!connection->is_open()) co_return;
        const auto pinged_at = std::chrono::steady_clock::now();
        self->send({"PING"});
        co_await net::sleep_for(self->options_.ping_deadline);
        if (connection->heard_at() < pinged_at) connection->close();
    }
}

}  // namespace livefair::redis
