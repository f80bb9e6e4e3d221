#include "redis/link.hpp"

#include "base/log.hpp"
#include "redis/codec.hpp"

namespace livefair::redis {
namespace {

namespace asio = net::asio;
using Time = std::chrono::steady_clock::time_point;

Time now() { return std::chrono::steady_clock::now(); }

}  // namespace

/// One call() to its reply. The caller's coroutine waits on `wake`, whose expiry is the deadline.
struct Link::Pending {
    Pending(const asio::any_io_executor& executor, Time expiry) : wake(executor, expiry) {}

    void complete(Result<Reply> with) {
        result = std::move(with);
        is_done = true;
        wake.cancel();
    }

    Request request;       ///< `replies`: still to come.
    bool is_wait = false;  ///< The WAIT behind a batch.
    asio::steady_timer wake;
    Result<Reply> result = make_error_code(Errc::redis_unknown);
    bool is_sent = false;
    bool is_done = false;
    bool is_abandoned = false;  ///< Its deadline has passed: its late reply goes to nobody.
};

namespace {

/// The value of `run_id:` in the text of INFO server.
std::string find_run_id(const std::string& info) {
    constexpr std::string_view name = "run_id:";
    const auto start = info.find(name);
    if (start == std::string::npos) return {};
    const auto end = info.find_first_of("\r\n", start);
    return info.substr(start + name.size(), end - start - name.size());
}

}  // namespace

Link::Link(asio::any_io_executor executor, Options options)
    : executor_(std::move(executor)), options_(std::move(options)), pause_(executor_), to_send_(executor_) {}

void Link::start() {
    if (!std::exchange(is_started_, true)) net::spawn(executor_, run(shared_from_this()), "redis_link");
}

void Link::stop() {
    is_stopped_ = true;
    disconnect();
    pause_.cancel();
}

void Link::retire() {
    is_retired_ = true;
    if (is_idle()) stop();
}

void Link::reconnect() {
    if (connection_) connection_->close();
}

net::Task<Result<Reply>> Link::call(std::shared_ptr<Link> self, Request request, std::chrono::milliseconds deadline) {
    if (const auto refused = self->why_refused(); refused != Errc{}) co_return make_error_code(refused);
    const auto pending = std::make_shared<Pending>(self->executor_, now() + deadline);
    pending->request = std::move(request);
    self->queue_.push_back(pending);
    self->to_send_.cancel();
    co_await pending->wake.async_wait(net::as_result);
    if (pending->is_done) co_return std::move(pending->result);
    pending->is_abandoned = true;
    if (pending->is_sent) co_return make_error_code(Errc::redis_unknown);
    std::erase(self->queue_, pending);
    co_return make_error_code(Errc::redis_unavailable);
}

Errc Link::why_refused() const {
    const bool may_come = is_connected() || (is_started_ && !has_tried_);
    if (is_stopped_ || is_retired_ || !may_come) return Errc::redis_unavailable;
    if (!in_flight_.empty() && in_flight_.front()->is_abandoned) return Errc::redis_unavailable;
    if (queue_.size() + in_flight_.size() >= options_.in_flight_max) return Errc::too_many_requests;
    return Errc{};
}

/// Connects, serves, and connects again until stop().
net::Task<> Link::run(std::shared_ptr<Link> self) {
    BackOff back_off;
    while (!self->is_stopped_) {
        self->connection_ = std::make_shared<Connection>(self->executor_, self->options_);
        const auto connection = self->connection_;
        const auto run_id = co_await set_up(self, connection);
        self->has_tried_ = true;
        if (run_id && !self->is_stopped_) {
            back_off.reset();
            self->connected(*run_id);
            net::spawn(self->executor_, write(self, connection), "redis_writer");
            net::spawn(self->executor_, watch(self, connection), "redis_watch");
            co_await read(self, connection);
            if (!self->is_stopped_) log::warn("redis_connection_lost");
        }
        self->disconnect();
        if (self->is_stopped_ || self->is_retired_) break;
        if (self->on_lost) self->on_lost();
        self->pause_.expires_after(back_off.next());
        co_await self->pause_.async_wait(net::as_result);
    }
}

/// Everything that must hold before the first command: signed in, functions loaded. Returns the server's run_id.
net::Task<Result<std::string>> Link::set_up(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection) {
    const auto opened = co_await connection->open();
    if (!opened) co_return opened.error();
    if (self->must_be_primary) {
        Client::Command ask_role = {"ROLE"};
        const auto role = co_await connection->exchange(std::move(ask_role));
        // What a sentinel said may be old, and what is written to a replica is lost.
        if (!role || role->items.empty() || role->items[0].text != "master") co_return make_error_code(Errc::redis_unavailable);
    }
    for (const auto& library : self->options_.libraries) {
        Client::Command load = {"FUNCTION", "LOAD", "REPLACE", library};
        const auto loaded = co_await connection->exchange(std::move(load));
        if (!loaded) co_return loaded.error();
    }
    Client::Command ask = {"INFO", "server"};
    const auto info = co_await connection->exchange(std::move(ask));
    if (!info) co_return info.error();
    auto run_id = find_run_id(info->text);
    if (run_id.empty()) co_return make_error_code(Errc::redis_error);
    co_return run_id;
}

void Link::connected(std::string run_id) {
    run_id_ = std::move(run_id);
    log::info("redis_connected", {{"run_id", run_id_}});
    if (on_connected) on_connected(run_id_);
}

/// Sends all that is queued in one write, again and again; between two writes other tasks of the loop add to the queue.
net::Task<> Link::write(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection) {
    while (connection->is_open()) {
        if (self->queue_.empty()) {
            self->to_send_.expires_at(Time::max());
            co_await self->to_send_.async_wait(net::as_result);
            continue;
        }
        auto batch = self->take_queue();
        const auto sent = co_await connection->send(std::move(batch));
        if (!sent) connection->close();
    }
}

std::string Link::take_queue() {
    std::string bytes;
    bool may_write = false;
    for (auto& pending : queue_) {
        may_write |= !pending->request.is_read;
        bytes += pending->request.bytes;
        pending->request.bytes = {};
        pending->is_sent = true;
        in_flight_.push_back(std::move(pending));
    }
    queue_.clear();
    if (options_.replicas_min > 0 && may_write) {
        append_command(bytes, {"WAIT", std::to_string(options_.replicas_min), std::to_string(options_.deadline.count() / 2)});
        in_flight_.push_back(std::make_shared<Pending>(executor_, now() + options_.deadline));
        in_flight_.back()->is_wait = true;
    }
    return bytes;
}

/// Gives each reply to the oldest command without one, until the connection ends.
net::Task<> Link::read(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection) {
    for (;;) {
        auto reply = co_await connection->receive();
        // A reply that nobody asked for would shift all later ones by one: drop the connection.
        if (!reply || self->in_flight_.empty()) co_return;
        self->take(std::move(*reply));
        if (self->is_retired_ && self->is_idle()) self->stop();
    }
}

void Link::take(Reply reply) {
    if (--in_flight_.front()->request.replies > 0) return;
    const auto pending = std::move(in_flight_.front());
    in_flight_.pop_front();
    if (pending->is_wait) {
        const bool confirmed = reply.integer >= options_.replicas_min;
        for (const auto& waiting : std::exchange(unconfirmed_, {})) {
            // A refusal stands, whoever has it.
            const bool is_refusal = waiting->result && waiting->result->is_error();
            waiting->complete(confirmed || is_refusal ? std::move(waiting->result) : make_error_code(Errc::redis_unknown));
        }
    } else if (options_.replicas_min > 0 && !pending->request.is_read) {
        pending->result = std::move(reply);
        unconfirmed_.push_back(pending);
    } else {
        pending->complete(std::move(reply));
    }
}

/// Drops a connection whose oldest command is overdue by twice the deadline, and pings one on which nothing moves.
net::Task<> Link::watch(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection) {
    const auto tick = std::max(std::chrono::milliseconds(10), self->options_.deadline / 4);
    while (connection->is_open()) {
        co_await net::sleep_for(tick);
        if (!connection->is_open()) co_return;
        auto& in_flight = self->in_flight_;
        if (!in_flight.empty()) {
            if (in_flight.front()->wake.expiry() + 2 * self->options_.deadline < now()) connection->close();
        } else if (self->queue_.empty() && connection->heard_at() + self->options_.ping_every < now()) {
            self->ping();
        }
    }
}

void Link::ping() {
    const auto pending = std::make_shared<Pending>(executor_, now() + options_.ping_deadline);
    append_command(pending->request.bytes, {"PING"});
    pending->request.is_read = true;
    queue_.push_back(pending);
    to_send_.cancel();
}

/// Answers every command that waits: what was sent may have happened, what was not has not.
void Link::disconnect() {
    if (connection_) connection_->close();
    run_id_.clear();
    to_send_.cancel();
    const auto unconfirmed = std::exchange(unconfirmed_, {});
    const auto sent = std::exchange(in_flight_, {});
    const auto queued = std::exchange(queue_, {});
    for (const auto& pending : unconfirmed) pending->complete(make_error_code(Errc::redis_unknown));
    for (const auto& pending : sent) pending->complete(make_error_code(Errc::redis_unknown));
    for (const auto& pending : queued) pending->complete(make_error_code(Errc::redis_unavailable));
}

}  // namespace livefair::redis
