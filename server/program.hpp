#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>

#include "auth/origins.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"
#include "gateway/directory.hpp"
#include "net/http.hpp"
#include "net/shard.hpp"
#include "room/overload.hpp"

namespace livefair {

/// What every role of livefair-server has: the ports, the answers of the health port, and the end by SIGTERM.
class Program {
public:
    /// What a role does. Calls with a shard are made on it, the others on the main thread.
    class Role {
    public:
        virtual ~Role() = default;
        virtual net::Task<net::HttpResponse> handle(net::Shard& shard, net::HttpRequest request) = 0;
        virtual void serve(net::Shard& shard, net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) = 0;
        /// GET /ready.
        virtual net::Task<net::HttpResponse> ready(net::Shard& shard) = 0;
        virtual void begin_drain() = 0;
        virtual gateway::Directory& directory(unsigned shard) = 0;
        /// The drain is over: posts to the shards what ends their work.
        virtual void stop_shards() = 0;
    };

    Program(const Config& config, const Clock& clock, const auth::Origins& origins, net::Shards& shards, Role& role);
    ~Program();

    /// Binds the ports; nothing is served before the shards start. Throws std::runtime_error that says what to do.
    void bind();
    std::uint16_t port() const { return site_->port(); }
    /// Shared; the shards' parts report to it and go by it.
    room::Overload& overload() { return overload_; }
    std::uint16_t health_port() const { return health_->port(); }
    /// Waits for SIGTERM or SIGINT on the calling thread, then drains and stops the shards; a second signal ends the process at once.
    void run_until_stopped();

private:
    /// What both roles answer alike; the rest is the role's.
    net::Task<net::HttpResponse> handle(net::Shard& shard, net::HttpRequest request);
    net::Task<net::HttpResponse> health(net::Shard& shard, net::HttpRequest request);
    net::Task<> drain();

    const Config& config_;
    const Clock& clock_;
    const auth::Origins& origins_;
    net::Shards& shards_;
    Role& role_;
    room::Overload overload_;
    net::asio::io_context main_;  ///< Of the main thread: signals and the drain.
    net::asio::signal_set signals_;
    std::unique_ptr<net::HttpServer> site_;
    std::unique_ptr<net::HttpServer> health_;
};

}  // namespace livefair
