#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "auth/identity_cache.hpp"
#include "auth/origins.hpp"
#include "auth/rate_limit.hpp"
#include "base/config.hpp"
#include "gateway/chat_filter.hpp"
#include "gateway/ledger_link.hpp"
#include "program.hpp"
#include "room/census.hpp"
#include "room/relay.hpp"
#include "room_parts.hpp"

namespace livefair {

/// livefair-server --role gateway, put together: WebSockets of viewers and staff, without pages, API or ledger. Rooms come from Redis; what needs
/// the ledger is asked of the program at server.ledger_url.
class GatewayApp final : private Program::Role {
public:
    /// Binds the ports; nothing is served yet. Throws std::runtime_error that says what to do.
    explicit GatewayApp(Config config);
    ~GatewayApp() override;

    std::uint16_t port() const { return program_.port(); }
    std::uint16_t health_port() const { return program_.health_port(); }
    /// Starts all threads. From here on clients are served.
    void start();
    void run_until_stopped() { program_.run_until_stopped(); }

private:
    struct Parts;

    net::Task<net::HttpResponse> handle(net::Shard& shard, net::HttpRequest request) override;
    void serve(net::Shard& shard, net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) override;
    net::Task<net::HttpResponse> ready(net::Shard& shard) override;
    void begin_drain() override { draining_ = true; }
    gateway::Directory& directory(unsigned shard) override;
    void stop_shards() override;

    const Config config_;
    const Clock& clock_;
    const gateway::LedgerAddress ledger_address_;
    net::Shards shards_;
    auth::Origins origins_;
    auth::KeyedLimiter chat_;
    gateway::ChatFilter chat_filter_;
    auth::IdentityCache identities_;
    room::Relay relay_;
    Program program_;
    std::vector<std::unique_ptr<Parts>> parts_;
    std::unique_ptr<room::Census> census_;  ///< On shard 0.
    std::atomic<bool> draining_ = false;
};

}  // namespace livefair
