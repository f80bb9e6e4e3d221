#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "net/websocket_frame.hpp"

namespace livefair::test {

/// The message in one whole frame of a server. Throws std::runtime_error when it is something else.
inline std::string payload_of(std::string_view frame) {
    net::FrameReader reader(false, {frame.size(), 1});
    auto event = reader.take(frame);
    if (!event || event->kind == net::WebSocketEvent::Kind::violation || !frame.empty()) throw std::runtime_error("not one frame");
    return std::move(event->bytes);
}

}  // namespace livefair::test
