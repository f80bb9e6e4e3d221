#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/shard.hpp"
#include "net/task.hpp"

namespace livefair::net {

/// One SO_REUSEPORT TCP acceptor per shard. `on_connection` runs as a task of its own on the accepting shard.
class Listener {
public:
    using OnConnection = std::function<Task<>(Shard& shard, asio::ip::tcp::socket socket)>;
    Listener(Shards& shards, std::string address, std::uint16_t port, OnConnection on_connection);
    ~Listener();
    /// Throws std::runtime_error "address 127.0.0.1 port 8080 is in use ..." (start-up only).
    void start();
    std::uint16_t port() const;
    /// Thread-safe.
    void stop();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::net
