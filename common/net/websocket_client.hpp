#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "net/http_client.hpp"
#include "net/websocket.hpp"

namespace livefair::net {

struct WebSocketClientOptions {
    std::string host = "127.0.0.1";  ///< An IP address or "localhost"; no TLS.
    std::uint16_t port = 0;
    std::string path = "/ws";
    std::string subprotocol = {};
    bool deflate = false;            ///< Offers permessage-deflate; what we send is not compressed.
    HttpHeaders headers = {};        ///< Origin, Authorization, Cookie, ...
    std::chrono::milliseconds deadline{10'000};
    std::size_t message_bytes_max = 16 * 1024 * 1024;
};

/// Connects and does the handshake; for tests and livefair-bench. The socket answers pings by itself and sends none.
/// Cheap: about 1 KiB of ours for a connection that is idle.
/// Errors: closed (no connection), timed_out, forbidden (403), too_many_requests (429), invalid_input (any other answer than a
/// valid 101, which includes an upgrade the server refused).
Task<Result<std::shared_ptr<WebSocket>>> connect_websocket(WebSocketClientOptions options);

}  // namespace livefair::net
