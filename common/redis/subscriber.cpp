#include "redis/subscriber.hpp"

#include <boost/asio/steady_timer.hpp>
#include <set>

#include "base/log.hpp"
#include "redis/connection.hpp"

namespace livefair::redis {

namespace asio = net::asio;

class Subscriber::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::any_io_executor executor, Options options, OnMessage on_message, OnSubscribed on_subscribed, OnLost on_lost)
        : executor_(std::move(executor)),
          options_(std::move(options)),
          on_message_(std::move(on_message)),
          on_subscribed_(std::move(on_subscribed)),
          on_lost_(std::move(on_lost)),
          pause_(executor_),
          to_send_(executor_) {}

    void start() {
        if (!std::exchange(is_started_, true)) net::spawn(executor_, run(shared_from_this()), "redis_subscriber");
    }

    void stop() {
        is_stopped_ = true;
        is_connected_ = false;
        if (connection_) connection_->close();
        to_send_.cancel();
        pause_.cancel();
    }

    void subscribe(const std::string& channel) {
        if (channels_.insert(channel).second) send({"SSUBSCRIBE", channel});
    }

    void unsubscribe(const std::string& channel) {
        if (channels_.erase(channel)) send({"SUNSUBSCRIBE", channel});
    }

    bool is_connected() const { return is_connected_; }

private:
    /// Connects, subscribes to everything, serves, and connects again until stop().
    static net::Task<> run(std::shared_ptr<Impl> self) {
        BackOff back_off;
        while (!self->is_stopped_) {
            self->connection_ = std::make_shared<Connection>(self->executor_, self->options_);
            const auto connection = self->connection_;
            const auto opened = co_await connection->open();
            if (opened && !self->is_stopped_) {
                self->connected();
                net::spawn(self->executor_, write(self, connection), "redis_subscriber_writer");
                net::spawn(self->executor_, watch(self, connection), "redis_subscriber_watch");
                if (co_await read(self, connection)) back_off.reset();
                if (!self->is_stopped_) self->lost();
            }
            connection->close();
            self->is_connected_ = false;
            self->to_send_.cancel();
            if (self->is_stopped_) break;
            self->pause_.expires_after(back_off.next());
            co_await self->pause_.async_wait(net::as_result);
        }
    }

    void lost() {
        log::warn("redis_subscriber_connection_lost");
        if (on_lost_) on_lost_();
    }

    void connected() {
        is_connected_ = true;
        outgoing_.clear();
        // One command a channel: in a cluster each may have a slot of its own.
        for (const auto& channel : channels_) send({"SSUBSCRIBE", channel});
    }

    /// What is sent while there is no connection is dropped: connected() subscribes to every channel.
    void send(const Client::Command& command) {
        if (!is_connected_) return;
        append_command(outgoing_, command);
        to_send_.cancel();
    }

    static net::Task<> write(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
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
    static net::Task<bool> read(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
        for (bool has_heard = false;; has_heard = true) {
            const auto reply = co_await connection->receive();
            if (!reply || self->is_stopped_) co_return has_heard;
            if (reply->is_error()) {
                log::error("redis_subscribe_failed", {{"why", reply->text}});
                co_return has_heard;
            }
            self->handle(*reply);
        }
    }

    void handle(const Reply& reply) {
        // PONG is a plain text before the first subscription and an array after it; it only has to have come.
        if (reply.items.size() != 3) return;
        const auto& kind = reply.items[0].text;
        const auto& channel = reply.items[1].text;
        if (!channels_.count(channel)) return;
        if (kind == "smessage") on_message_(channel, reply.items[2].text);
        if (kind == "ssubscribe") on_subscribed_(channel);
    }

    /// Pings, and closes a connection on which nothing came for ping_deadline after that.
    static net::Task<> watch(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
        for (;;) {
            co_await net::sleep_for(self->options_.ping_every);
            if (!connection->is_open()) co_return;
            const auto pinged_at = std::chrono::steady_clock::now();
            self->send({"PING"});
            co_await net::sleep_for(self->options_.ping_deadline);
            if (connection->heard_at() < pinged_at) connection->close();
        }
    }

    asio::any_io_executor executor_;
    const Options options_;
    const OnMessage on_message_;
    const OnSubscribed on_subscribed_;
    const OnLost on_lost_;
    std::shared_ptr<Connection> connection_;
    asio::steady_timer pause_;    ///< Between attempts to connect; cancelled by stop().
    asio::steady_timer to_send_;  ///< The writer sleeps on it; cancelled when there is something to send.
    std::string outgoing_;
    std::set<std::string> channels_;
    bool is_started_ = false;
    bool is_connected_ = false;
    bool is_stopped_ = false;
};

Subscriber::Subscriber(asio::any_io_executor executor, Options options, OnMessage on_message, OnSubscribed on_subscribed, OnLost on_lost)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(on_message), std::move(on_subscribed),
                                   std::move(on_lost))) {}

Subscriber::~Subscriber() { impl_->stop(); }

void Subscriber::start() { impl_->start(); }
void Subscriber::stop() { impl_->stop(); }
void Subscriber::subscribe(const std::string& channel) { impl_->subscribe(channel); }
void Subscriber::unsubscribe(const std::string& channel) { impl_->unsubscribe(channel); }
bool Subscriber::is_connected() const { return impl_->is_connected(); }

}  // namespace livefair::redis
