#include "ledger/actions.hpp"

#include <livefair/v1/room.pb.h>

#include "ledger/catalog.hpp"
#include "ledger/database.hpp"

namespace livefair::ledger {
namespace {

void fill(v1::ModerationAction& action, const Row& row) {
    action.set_id(row.integer(0));
    action.set_at_ms(row.integer(1));
    action.set_by(row.text(2));
    action.set_by_nickname(row.text(3));
    action.set_kind(row.text(4));
    action.set_account_id(row.text(5));
    action.set_chat_id(row.text(6));
    action.set_text(row.text(7));
    action.set_duration_ms(row.integer(8));
    action.set_why(row.text(9));
}

}  // namespace

Result<> add_action(Database& db, const Action& action) {
    const auto show = show_of_room(db, action.room);
    if (!show) return show.error();
    const auto added = db.execute(
        "INSERT INTO actions (id, room_id, show_id, at_ms, by_account, kind, account_id, chat_id, line, duration_ms, why)"
        " SELECT coalesce(max(id), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM actions",
        {action.room.str(), show->str(), action.at_ms, action.by.str(), action.kind, action.account.str(), action.chat_id, action.line,
         action.duration_ms, action.why});
    if (!added) return added.error();
    return {};
}

Result<v1::ListActionsResponse> list_actions(Database& db, const RoomId& room, std::int64_t before, std::int64_t count) {
    const auto rows = db.query(
        "SELECT actions.id, at_ms, by_account, nickname, kind, account_id, chat_id, line, duration_ms, why"
        " FROM actions JOIN accounts ON accounts.id = by_account"
        " WHERE room_id = ? AND (? = 0 OR actions.id < ?) ORDER BY actions.id DESC LIMIT ?",
        {room.str(), before, before, count});
    if (!rows) return rows.error();
    v1::ListActionsResponse response;
    for (const auto& row : *rows) fill(*response.add_actions(), row);
    return response;
}

}  // namespace livefair::ledger
