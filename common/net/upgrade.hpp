#pragma once

#include <string>

#include "net/http.hpp"

/// The server's half of the WebSocket handshake, without sockets. Private to common/net.
namespace livefair::net {

struct Upgrade {
    int refused_with = 0;  ///< 400, 403, 426; 0: accepted.
    std::string subprotocol;
    bool deflates = false;  ///< permessage-deflate is agreed on.
};

/// Whether the request asks for a WebSocket at all; whether rightly is decided by check_upgrade().
bool is_upgrade(const HttpRequest& request);
/// RFC 6455 4.2.1, and our own: Origin and subprotocol.
Upgrade check_upgrade(const HttpRequest& request, const HttpOptions& options);
/// The answer to an accepted one: 101 with all its headers.
std::string switching_head(const HttpRequest& request, const Upgrade& accepted);

}  // namespace livefair::net
