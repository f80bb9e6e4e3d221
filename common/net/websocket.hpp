#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "net/task.hpp"

namespace livefair::net {

/// Close codes. Below 3500 the client may come back, by jittered back-off; from 3500 on it must not.
namespace close_code {
constexpr std::uint16_t normal = 1000, going_away = 1001, protocol_error = 1002, too_big = 1009;
constexpr std::uint16_t shutdown = 3001, no_pong = 3012, slow = 3008, too_many_requests = 3013;
constexpr std::uint16_t bad_request = 3501, connection_limit = 3504;
}  // namespace close_code

struct WebSocketMessage {
    std::string bytes;
    bool text;
};

class WebSocketConnection;

/// A WebSocketConnection for coroutines, such as a client's from connect_websocket(). One read and one write at a time.
class WebSocket {
public:
    class Impl;  // net/websocket.cpp
    /// Starts the connection.
    explicit WebSocket(std::shared_ptr<WebSocketConnection> connection);
    ~WebSocket();

    using Message = WebSocketMessage;
    /// The subprotocol that was agreed on.
    std::string_view subprotocol() const;
    asio::any_io_executor executor();
    /// The next whole message. Errors: Errc::closed (peer or we closed), too_large, timed_out, invalid_input (protocol error).
    Task<Result<Message>> read();
    /// Writes one message. Errors: Errc::closed, timed_out (the peer took nothing for the idle time).
    Task<Result<>> write(SharedBytes bytes, bool text);
    /// Sends a close frame and waits at most 1 s for the peer's. A pending read or write ends with Errc::closed.
    Task<> close(std::uint16_t code, std::string reason);
    /// The code in the peer's close frame: 0 while none has come, 1005 when it gave none.
    std::uint16_t peer_close_code() const;
    /// Drops the connection at once. Safe to call at any time on the shard.
    void abort();

private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::net
