#pragma once

#include <cstdint>
#include <string>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class ListActionsResponse;
}

/// What moderators did, kept with the show for good: rows are added, never changed. Free functions over a Database: call them inside
/// Ledger::read() or write(). Errors of all: ledger_unavailable.
namespace livefair::ledger {

class Database;

/// One act. Fields that mean nothing for its kind are empty or 0.
struct Action {
    RoomId room;
    std::int64_t at_ms = 0;
    AccountId by;
    std::string kind;     ///< mute, ban, delete, approve, reject or rules.
    AccountId account;    ///< Whom it was done to.
    std::string chat_id;
    std::string line;     ///< The words that it was about, or the rules.
    std::int64_t duration_ms = 0;
    std::string why;
};

/// Errors besides: not_found - no show in this room.
Result<> add_action(Database& db, const Action& action);

/// At most `count` of a room, those with an id below `before` (0: the newest), newest first.
Result<v1::ListActionsResponse> list_actions(Database& db, const RoomId& room, std::int64_t before, std::int64_t count);

}  // namespace livefair::ledger
