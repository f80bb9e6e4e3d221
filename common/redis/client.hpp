#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"
#include "net/task.hpp"
#include "redis/reply.hpp"
#include "redis/slot.hpp"

namespace livefair {
struct Config;
}

namespace livefair::redis {

struct Options {
    std::string socket;  ///< Unix socket; when set, host and port are not used.
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    /// Servers of a Redis Cluster to ask first for all others; empty: one Redis, above.
    std::vector<Address> cluster_nodes;
    std::string password;
    std::chrono::milliseconds deadline{1000};
    std::size_t in_flight_max = 4096;
    /// What is changed is done when so many replicas have it (WAIT, once a batch); with fewer the answer is redis_unknown.
    std::int64_t replicas_min = 0;
    /// A connection that is silent for `ping_every` is pinged, and replaced when it stays silent for `ping_deadline`.
    std::chrono::milliseconds ping_every{5000};
    std::chrono::milliseconds ping_deadline{2000};
    std::vector<std::string> libraries;  ///< Lua sources for FUNCTION LOAD REPLACE, loaded at each new connection before anything else.
};

/// Section [redis] of the configuration; the libraries are the caller's to add.
Options options_from(const Config& config);

/// One pipelined connection to each server that is asked, one Redis or the primaries of a cluster, which reconnects by itself (back-off
/// 50 ms doubled to 2 s, with jitter). Lives on one executor (a shard); not thread-safe. Commands of one loop turn leave in one write. Sends a
/// command again only when a server of a cluster has said that it did not carry it out (MOVED, ASK, TRYAGAIN, CLUSTERDOWN).
/// Commands given before the first attempt to connect has ended wait for it; later, while there is no connection, or while
/// the oldest command is overdue (Redis hangs), they fail at once with redis_unavailable.
class Client {
public:
    using Command = std::vector<std::string>;
    Client(net::asio::any_io_executor executor, Options options);
    ~Client();

    /// Connects and keeps connected until stop().
    void start();
    void stop();

    /// Sends one command; error replies become Errc::redis_error (logged), but see call().
    /// Errors: redis_unavailable (not sent), redis_unknown (sent, then no answer), redis_error, too_many_requests (in_flight_max).
    net::Task<Result<Reply>> command(Command command);
    /// As command(), with a deadline of its own (for XREAD BLOCK); error replies are returned as Reply::Kind::error.
    net::Task<Result<Reply>> call(Command command, std::chrono::milliseconds deadline);

    /// In a cluster: to the primaries of all slots.
    bool is_connected() const;
    /// `run_id` of the server that has `key` (it changes at every restart and failover); empty while not connected to it.
    const std::string& run_id(std::string_view key) const;
    /// The number of the failover that made that server the primary, by the sentinel that named it: config-epoch, which only rises. 0 without sentinels.
    std::int64_t failover() const;
    /// Called on the executor after each (re)connect to a server, with the functions loaded.
    void on_connected(std::function<void(const std::string& run_id)> handler);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::redis
