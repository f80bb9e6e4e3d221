#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::ledger {

class Database;

/// Most targets of one room.
constexpr std::size_t push_targets_max = 8;

/// A platform that a room's picture is pushed on to; the key is sealed (auth/media_secret.hpp).
struct PushTargetRow {
    std::string id;
    RoomId room;
    std::string name;
    std::string url;
    std::string sealed_key;
    std::string key_end;
    std::int64_t created_ms = 0;
    bool operator==(const PushTargetRow&) const = default;
};

/// Errors: not_found - no show in this room; too_large - it has push_targets_max already; conflict - the id exists.
Result<> add_push_target(Database& db, const PushTargetRow& row);
/// Errors: not_found - the room has none of this id.
Result<> remove_push_target(Database& db, const RoomId& room, const std::string& id);
/// In the order they were made.
Result<std::vector<PushTargetRow>> list_push_targets(Database& db, const RoomId& room);
/// Every room that has a show.
Result<std::vector<RoomId>> list_rooms(Database& db);

}  // namespace livefair::ledger
