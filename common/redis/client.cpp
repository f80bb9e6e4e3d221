#include "redis/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <deque>

#include "base/log.hpp"
#include "redis/connection.hpp"

namespace livefair::redis {
namespace {

namespace asio = net::asio;
using Time = std::chrono::steady_clock::time_point;

Time now() { return std::chrono::steady_clock::now(); }

/// One command from call() to its reply. The caller's coroutine waits on `wake`, whose expiry is the deadline.
struct Pending {
    Pending(const asio::any_io_executor& executor, Time expiry) : wake(executor, expiry) {}

    void complete(Result<Reply> with) {
        result = std::move(with);
        is_done = true;
        wake.cancel();
    }

    std::string bytes;
    asio::steady_timer wake;
    Result<Reply> result = make_error_code(Errc::redis_unknown);
    bool is_sent = false;
    bool is_done = false;
    bool is_abandoned = false;  ///< Its deadline has passed: its late reply goes to nobody.
};

/// The value of `run_id:` in the text of INFO server.
std::string find_run_id(const std::string& info) {
    constexpr std::string_view name = "run_id:";
    const auto start = info.find(name);
    if (start == std::string::npos) return {};
    const auto end = info.find_first_of("\r\n", start);
    return info.substr(start + name.size(), end - start - name.size());
}

}  // namespace

class Client::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::any_io_executor executor, Options options)
        : executor_(std::move(executor)), options_(std::move(options)), pause_(executor_), to_send_(executor_) {}

    void start() {
        if (!std::exchange(is_started_, true)) net::spawn(executor_, run(shared_from_this()), "redis_client");
    }

    void stop() {
        is_stopped_ = true;
        disconnect();
        pause_.cancel();
    }

    /// Static, with the Impl as a parameter, so that the coroutine keeps it alive.
    static net::Task<Result<Reply>> call(std::shared_ptr<Impl> self, Command command,
                                         std::chrono::milliseconds deadline) {
        if (const auto refused = self->why_refused(); refused != Errc{}) co_return make_error_code(refused);
        const auto pending = std::make_shared<Pending>(self->executor_, now() + deadline);
        append_command(pending->bytes, command);
        self->queue_.push_back(pending);
        self->to_send_.cancel();
        co_await pending->wake.async_wait(net::as_result);
        if (pending->is_done) co_return std::move(pending->result);
        pending->is_abandoned = true;
        if (pending->is_sent) co_return make_error_code(Errc::redis_unknown);
        std::erase(self->queue_, pending);
        co_return make_error_code(Errc::redis_unavailable);
    }

    bool is_connected() const { return !run_id_.empty(); }
    const std::string& run_id() const { return run_id_; }
    void on_connected(std::function<void(const std::string&)> handler) { handlers_.push_back(std::move(handler)); }
    const Options& options() const { return options_; }

private:
    using Pendings = std::deque<std::shared_ptr<Pending>>;

    Errc why_refused() const {
        const bool may_come = is_connected() || (is_started_ && !has_tried_);
        if (is_stopped_ || !may_come) return Errc::redis_unavailable;
        if (!in_flight_.empty() && in_flight_.front()->is_abandoned) return Errc::redis_unavailable;
        if (queue_.size() + in_flight_.size() >= options_.in_flight_max) return Errc::too_many_requests;
        return Errc{};
    }

    /// Connects, serves, and connects again until stop().
    static net::Task<> run(std::shared_ptr<Impl> self) {
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
            if (self->is_stopped_) break;
            self->pause_.expires_after(back_off.next());
            co_await self->pause_.async_wait(net::as_result);
        }
    }

    /// Everything that must hold before the first command: signed in, functions loaded. Returns the server's run_id.
    static net::Task<Result<std::string>> set_up(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
        const auto opened = co_await connection->open();
        if (!opened) co_return opened.error();
        for (const auto& library : self->options_.libraries) {
            Command load = {"FUNCTION", "LOAD", "REPLACE", library};
            const auto loaded = co_await connection->exchange(std::move(load));
            if (!loaded) co_return loaded.error();
        }
        Command ask = {"INFO", "server"};
        const auto info = co_await connection->exchange(std::move(ask));
        if (!info) co_return info.error();
        auto run_id = find_run_id(info->text);
        if (run_id.empty()) co_return make_error_code(Errc::redis_error);
        co_return run_id;
    }

    void connected(std::string run_id) {
        run_id_ = std::move(run_id);
        log::info("redis_connected", {{"run_id", run_id_}});
        // A copy: a handler may add another, or end up in stop().
        const auto handlers = handlers_;
        for (const auto& handler : handlers) handler(run_id_);
    }

    /// Sends all that is queued in one write, again and again; between two writes other tasks of the loop add to the queue.
    static net::Task<> write(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
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

    std::string take_queue() {
        std::string bytes;
        for (auto& pending : queue_) {
            bytes += pending->bytes;
            pending->bytes = {};
            pending->is_sent = true;
            in_flight_.push_back(std::move(pending));
        }
        queue_.clear();
        return bytes;
    }

    /// Gives each reply to the oldest command without one, until the connection ends.
    static net::Task<> read(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
        for (;;) {
            auto reply = co_await connection->receive();
            // A reply that nobody asked for would shift all later ones by one: drop the connection.
            if (!reply || self->in_flight_.empty()) co_return;
            const auto pending = std::move(self->in_flight_.front());
            self->in_flight_.pop_front();
            pending->complete(std::move(reply));
        }
    }

    /// Drops a connection whose oldest command is overdue by twice the deadline, and pings one on which nothing moves.
    static net::Task<> watch(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
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

    void ping() {
        const auto pending = std::make_shared<Pending>(executor_, now() + options_.ping_deadline);
        Command command = {"PING"};
        append_command(pending->bytes, command);
        queue_.push_back(pending);
        to_send_.cancel();
    }

    /// Answers every command that waits: what was sent may have happened, what was not has not.
    void disconnect() {
        if (connection_) connection_->close();
        run_id_.clear();
        to_send_.cancel();
        const auto sent = std::exchange(in_flight_, {});
        const auto queued = std::exchange(queue_, {});
        for (const auto& pending : sent) pending->complete(make_error_code(Errc::redis_unknown));
        for (const auto& pending : queued) pending->complete(make_error_code(Errc::redis_unavailable));
    }

    asio::any_io_executor executor_;
    const Options options_;
    std::shared_ptr<Connection> connection_;
    asio::steady_timer pause_;    ///< Between attempts to connect; cancelled by stop().
    asio::steady_timer to_send_;  ///< The writer sleeps on it; cancelled when the queue gets a command.
    Pendings queue_;              ///< Not sent yet. Together with in_flight_ at most in_flight_max.
    Pendings in_flight_;          ///< Sent; replies come in this order.
    std::string run_id_;
    std::vector<std::function<void(const std::string&)>> handlers_;
    bool is_started_ = false;
    bool has_tried_ = false;
    bool is_stopped_ = false;
};

Client::Client(asio::any_io_executor executor, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {}

Client::~Client() { impl_->stop(); }

void Client::start() { impl_->start(); }

void Client::stop() { impl_->stop(); }

net::Task<Result<Reply>> Client::call(Command command, std::chrono::milliseconds deadline) {
    return Impl::call(impl_, std::move(command), deadline);
}

net::Task<Result<Reply>> Client::command(Command command) {
    const auto name = command.empty() ? std::string() : command.front();
    const auto impl = impl_;
    auto reply = co_await Impl::call(impl, std::move(command), impl->options().deadline);
    if (!reply || !reply->is_error()) co_return reply;
    log::error("redis_error", {{"command", name}, {"why", reply->text}});
    co_return make_error_code(Errc::redis_error);
}

bool Client::is_connected() const { return impl_->is_connected(); }

const std::string& Client::run_id() const { return impl_->run_id(); }

void Client::on_connected(std::function<void(const std::string& run_id)> handler) {
    impl_->on_connected(std::move(handler));
}

}  // namespace livefair::redis
