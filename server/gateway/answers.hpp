#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "room/wire.hpp"

namespace livefair::v1 {
class ClientMessage;
class ServerMessage;
}  // namespace livefair::v1

/// Messages of the WebSocket, read and made.
namespace livefair::gateway {

/// A message from a client. Errors: invalid_input.
Result<v1::ClientMessage> decode(const std::string& bytes, room::Format format);

v1::ServerMessage done();
/// Done, with a code for programs and sentences for people.
v1::ServerMessage done(std::string_view code, std::string_view message_zh, std::string_view message_en);
/// To whoever was banned from a room.
v1::ServerMessage removed(const RoomId& room);
v1::ServerMessage banned();
/// Failure with the sentences that fit `code` in general.
v1::ServerMessage failure(Errc code);
/// Failure with sentences of its own: what is wrong and what to do, Chinese and English.
v1::ServerMessage failure(Errc code, std::string_view message_zh, std::string_view message_en);

}  // namespace livefair::gateway
