#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/identity_cache.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "net/http_client.hpp"
#include "net/websocket_client.hpp"

namespace livefair::v1 {
class Show;
}

namespace livefair::gateway {

/// Where the program with the ledger is. Throws std::runtime_error, saying what to do, unless `url` is http:// with an IP address or "localhost".
struct LedgerAddress {
    explicit LedgerAddress(const std::string& url);
    std::string host;
    std::uint16_t port = 80;
};

/// What a gateway without a ledger asks of the program that has it, by HTTP on their private network. One per shard.
class LedgerLink {
public:
    LedgerLink(net::asio::any_io_executor executor, const LedgerAddress& address, auth::IdentityCache& identities, const Clock& clock);
    ~LedgerLink();

    /// Whose token this is. Errors: unauthenticated, ledger_unavailable.
    net::Task<Result<auth::Identity>> find_identity(std::string token);
    /// The show on air or announced in a room. Errors: not_found, ledger_unavailable.
    net::Task<Result<v1::Show>> show_of(RoomId room);
    /// For a WebSocket to that program in the name of the token's account, whose client is at `address`.
    net::WebSocketClientOptions socket_options(const std::string& token, const std::string& address) const;

private:
    net::Task<Result<std::string>> get(std::string target, net::HttpHeaders headers);

    const net::asio::any_io_executor executor_;
    const LedgerAddress& address_;
    auth::IdentityCache& identities_;
    const Clock& clock_;
    std::vector<std::unique_ptr<net::HttpClient>> idle_;
};

}  // namespace livefair::gateway
