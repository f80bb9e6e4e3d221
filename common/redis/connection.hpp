#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "redis/client.hpp"
#include "redis/codec.hpp"

/// What client and subscriber share: one socket to Redis, its set-up and its codec. Private to common/redis.
namespace livefair::redis {

/// One connection, used once: open(), then send() and receive() until one of them fails. Always held by a shared_ptr;
/// `options` must outlive it.
/// Lives on one executor; one send and one receive at a time.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(net::asio::any_io_executor executor, const Options& options);

    /// Connects and signs in. Errors: redis_unavailable.
    net::Task<Result<>> open();
    /// Sends one command and waits for its reply; only before other commands are under way. A server that still loads its
    /// data is asked again. Errors: redis_unavailable (no reply within `deadline`), redis_error.
    net::Task<Result<Reply>> exchange(Client::Command command);
    /// Errors: closed.
    net::Task<Result<>> send(std::string bytes);
    /// The next reply, from bytes that are here already or from the socket. Errors: closed, invalid_input, too_large.
    net::Task<Result<Reply>> receive();
    /// Ends every wait on this connection. May be called at any time, more than once.
    void close();
    bool is_open() const { return socket_.is_open(); }
    /// When bytes last came.
    std::chrono::steady_clock::time_point heard_at() const { return heard_at_; }

private:
    using Stream = net::asio::generic::stream_protocol;
    net::Task<Result<>> connect();
    net::Task<Result<Reply>> exchange_once(const Client::Command& command);
    void close_after(std::chrono::milliseconds deadline);

    const Options& options_;
    Stream::socket socket_;
    net::asio::steady_timer deadline_;
    ReplyReader reader_;
    std::string received_;
    std::chrono::steady_clock::time_point heard_at_ = std::chrono::steady_clock::now();
};

/// Waits between attempts to connect: 50 ms doubled to 2 s, each cut by up to a half at random, so that a restarted
/// Redis isn't met by all clients in the same millisecond.
class BackOff {
public:
    std::chrono::milliseconds next();
    void reset() { wait_ms_ = wait_ms_min; }

private:
    static constexpr std::int64_t wait_ms_min = 50, wait_ms_max = 2000;
    std::int64_t wait_ms_ = wait_ms_min;
};

}  // namespace livefair::redis
