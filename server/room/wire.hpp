#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "net/websocket_frame.hpp"

namespace livefair::v1 {
class ServerMessage;
}

namespace livefair::room {

/// How a viewer's messages are written: its subprotocol, and whether permessage-deflate was agreed on; or as server-sent events, in JSON.
enum class Format : std::uint8_t { proto, json, proto_deflated, json_deflated, events };
constexpr unsigned format_count = 5;
constexpr bool is_json(Format format) { return format != Format::proto && format != Format::proto_deflated; }

constexpr std::string_view proto_subprotocol = "livefair.v1.proto";
constexpr std::string_view json_subprotocol = "livefair.v1.json";

/// The whole message in `format`.
std::string encode(const v1::ServerMessage& message, Format format);

/// An encoded message as one WebSocket frame or server-sent event, the same bytes for all viewers of this format.
SharedBytes to_frame(std::string_view encoded, Format format);

/// Adds a request_id to a message that was encoded without one, so that an answer to many can be encoded once. O(length).
std::string with_request_id(std::string_view encoded, std::uint32_t request_id, Format format);

}  // namespace livefair::room
