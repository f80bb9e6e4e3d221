#include "net/upgrade.hpp"

#include <algorithm>

#include "net/deflate.hpp"
#include "net/http_headers.hpp"
#include "net/websocket_frame.hpp"

namespace livefair::net {

bool is_upgrade(const HttpRequest& request) { return !request.header("upgrade").empty(); }

Upgrade check_upgrade(const HttpRequest& request, const HttpOptions& options) {
    const auto connection = list_of(request, "connection");
    const auto upgrades = list_of(request, "upgrade");
    const auto keys = list_of(request, "sec-websocket-key");
    const bool asks = std::any_of(connection.begin(), connection.end(),
                                  [](const auto& token) { return to_lower(token) == "upgrade"; });
    const bool is_well_formed = request.method == "GET" && request.body.empty() && asks && upgrades.size() == 1 &&
                                to_lower(upgrades.front()) == "websocket" && keys.size() == 1 &&
                                is_websocket_key(keys.front());
    if (!is_well_formed) return {400, {}, false};
    if (request.header("sec-websocket-version") != "13") return {426, {}, false};
    if (options.refuses_upgrade)
        if (const auto status = options.refuses_upgrade(request); status != 0) return {status, {}, false};
    const auto extensions = list_of(request, "sec-websocket-extensions");
    const bool deflates = options.websocket_deflate && std::any_of(extensions.begin(), extensions.end(), accepts_deflate);
    const auto offered = list_of(request, "sec-websocket-protocol");
    for (const auto& name : options.subprotocols)
        if (contains(offered, name)) return {0, name, deflates};
    return {options.subprotocols.empty() ? 0 : 400, {}, deflates};
}

std::string switching_head(const HttpRequest& request, const Upgrade& accepted) {
    std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    head += accept_key(trim(request.header("sec-websocket-key")));
    if (!accepted.subprotocol.empty()) head += "\r\nSec-WebSocket-Protocol: " + accepted.subprotocol;
    if (accepted.deflates) head += "\r\nSec-WebSocket-Extensions: " + std::string(deflate_answer);
    return head + "\r\n\r\n";
}

}  // namespace livefair::net
