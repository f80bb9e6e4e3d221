#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace livefair::v1 {
class ServerMessage;
}

namespace livefair::room {

/// How a viewer's messages are written.
enum class Format { proto, json };
constexpr unsigned format_count = 2;

constexpr std::string_view proto_subprotocol = "livefair.v1.proto";
constexpr std::string_view json_subprotocol = "livefair.v1.json";

/// The whole message in `format`.
std::string encode(const v1::ServerMessage& message, Format format);

/// Adds a request_id to a message that was encoded without one, so that an answer to many can be encoded once. O(length).
std::string with_request_id(std::string_view encoded, std::uint32_t request_id, Format format);

}  // namespace livefair::room
