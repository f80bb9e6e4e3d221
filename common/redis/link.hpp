#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "redis/connection.hpp"

/// Private to common/redis: what a client holds of one server.
namespace livefair::redis {

/// One pipelined connection to one server that reconnects by itself; the rules are those of Client. Always held by a shared_ptr.
/// With `replicas_min` each batch of commands is followed by one WAIT, and what it changes is done when that many replicas have it.
class Link : public std::enable_shared_from_this<Link> {
public:
    Link(net::asio::any_io_executor executor, Options options);

    void start();
    void stop();
    /// Ends the link once nothing is under way: for a server that is asked no more.
    void retire();
    /// Connects anew: the server is not what it was (a primary).
    void reconnect();

    /// One command; its bytes may hold others before it.
    struct Request {
        std::string bytes;
        int replies = 1;       ///< Of which the last one counts.
        bool is_read = false;  ///< Replicas need not have it.
    };
    /// Errors: as Client::call().
    static net::Task<Result<Reply>> call(std::shared_ptr<Link> self, Request request, std::chrono::milliseconds deadline);

    bool is_connected() const { return !run_id_.empty(); }
    const std::string& run_id() const { return run_id_; }
    const Options& options() const { return options_; }

    std::function<void(const std::string& run_id)> on_connected;
    bool must_be_primary = false;  ///< A server that says of itself that it is a replica is not served.
    std::function<void()> on_lost;  ///< Also after an attempt to connect that failed.

private:
    struct Pending;
    using Pendings = std::deque<std::shared_ptr<Pending>>;

    static net::Task<> run(std::shared_ptr<Link> self);
    static net::Task<Result<std::string>> set_up(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection);
    static net::Task<> write(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection);
    static net::Task<> read(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection);
    static net::Task<> watch(std::shared_ptr<Link> self, std::shared_ptr<Connection> connection);

    Errc why_refused() const;
    void connected(std::string run_id);
    std::string take_queue();
    void take(Reply reply);
    void ping();
    void disconnect();
    bool is_idle() const { return queue_.empty() && in_flight_.empty(); }

    net::asio::any_io_executor executor_;
    const Options options_;
    std::shared_ptr<Connection> connection_;
    net::asio::steady_timer pause_;    ///< Between attempts to connect; cancelled by stop().
    net::asio::steady_timer to_send_;  ///< The writer sleeps on it; cancelled when the queue gets a command.
    Pendings queue_;                   ///< Not sent yet. Together with in_flight_ at most in_flight_max.
    Pendings in_flight_;               ///< Sent; replies come in this order.
    Pendings unconfirmed_;             ///< Answered, but replicas_min replicas have not said yet that they have it.
    std::string run_id_;
    bool is_started_ = false;
    bool has_tried_ = false;
    bool is_stopped_ = false;
    bool is_retired_ = false;
};

}  // namespace livefair::redis
