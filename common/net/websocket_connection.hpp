#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "net/websocket.hpp"
#include "net/websocket_frame.hpp"

/// How a WebSocket comes to be, once server or client has done the handshake. Private to common/net.
namespace livefair::net {

struct WebSocketSettings {
    std::string subprotocol;
    bool is_client = false;              ///< We are the client: our frames are masked, the peer's are not.
    FrameReader::Limits limits;          ///< Of what the peer sends.
    std::chrono::milliseconds idle{0};   ///< A peer silent for this long is closed, and pinged at 2/5 of it; 0: never.
    std::chrono::milliseconds message_time{10'000};  ///< A message that has begun must be whole by then.
};

/// `received`: what came after the handshake.
std::shared_ptr<WebSocket> make_websocket(asio::ip::tcp::socket socket, WebSocketSettings settings,
                                          std::string received = {});

}  // namespace livefair::net
