#pragma once

#include <string>
#include <string_view>

#include "base/id.hpp"
#include "redis/reply.hpp"

/// What Bus and ChatDesk share: they call the Functions of room.lua.
namespace livefair::room {

/// The key `what` of a room; all keys of a room are in one slot.
inline std::string room_key(const RoomId& room, std::string_view what) { return "{r" + room.str() + "}:" + std::string(what); }

/// A Function's error replies become errors: too_large - the state of the room is full; redis_error - a fault of ours, logged.
Result<redis::Reply> checked(Result<redis::Reply> reply, std::string_view function);

}  // namespace livefair::room
