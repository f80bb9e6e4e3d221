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

/// A WebSocket after the handshake (a server's, or a client's from connect_websocket()). Lives on one shard. One read and
/// one write at a time. Own framing (net/websocket_frame.hpp) and not Beast's: it counts fragments, and needs no buffers
/// while nothing moves.
/// Answers pings by itself, pings at 2/5 of the idle time, and closes a silent peer. Message bytes, fragments (16) and
/// the time of one message (10 s) are bounded.
class WebSocket {
public:
    class Impl;  // net/websocket.cpp
    explicit WebSocket(std::shared_ptr<Impl> impl);
    ~WebSocket();

    struct Message {
        std::string bytes;
        bool text;
    };
    /// The subprotocol that was agreed on.
    std::string_view subprotocol() const;
    asio::any_io_executor executor();
    /// The next whole message. Errors: Errc::closed (peer or we closed), too_large, timed_out, invalid_input (protocol error).
    Task<Result<Message>> read();
    /// Writes one message without copying it. Errors: Errc::closed, timed_out (the peer took nothing for the idle time).
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
