#pragma once

#include <livefair/v1/socket.pb.h>

#include <string>
#include <string_view>

#include "base/errc.hpp"
#include "room/wire.hpp"

/// Answers on the WebSocket. For this folder's .cpp files: it includes generated protobuf.
namespace livefair::gateway {

/// A message from a client. Errors: invalid_input.
Result<v1::ClientMessage> decode(const std::string& bytes, room::Format format);

v1::ServerMessage done();
/// Failure with the sentences that fit `code` in general.
v1::ServerMessage failure(Errc code);
/// Failure with sentences of its own: what is wrong and what to do, Chinese and English.
v1::ServerMessage failure(Errc code, std::string_view message_zh, std::string_view message_en);

}  // namespace livefair::gateway
