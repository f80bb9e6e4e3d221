#include "ledger/push_targets.hpp"

#include "ledger/database.hpp"

namespace livefair::ledger {

Result<> add_push_target(Database& db, const PushTargetRow& row) {
    const auto known = db.query("SELECT count(*) FROM shows WHERE room_id = ?", {row.room.str()});
    if (!known) return known.error();
    if (known->front().integer(0) == 0) return make_error_code(Errc::not_found);
    const auto count = db.query("SELECT count(*) FROM push_targets WHERE room_id = ?", {row.room.str()});
    if (!count) return count.error();
    if (count->front().integer(0) >= static_cast<std::int64_t>(push_targets_max)) return make_error_code(Errc::too_large);
    const auto added = db.execute(
        "INSERT INTO push_targets (id, room_id, name, url, sealed_key, key_end, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {row.id, row.room.str(), row.name, row.url, row.sealed_key, row.key_end, row.created_ms});
    if (!added) return added.error();
    return {};
}

Result<> remove_push_target(Database& db, const RoomId& room, const std::string& id) {
    const auto removed = db.execute("DELETE FROM push_targets WHERE id = ? AND room_id = ?", {id, room.str()});
    if (!removed) return removed.error();
    if (*removed == 0) return make_error_code(Errc::not_found);
    return {};
}

Result<std::vector<PushTargetRow>> list_push_targets(Database& db, const RoomId& room) {
    const auto rows = db.query(
        "SELECT id, name, url, sealed_key, key_end, created_ms FROM push_targets WHERE room_id = ? ORDER BY created_ms, id",
        {room.str()});
    if (!rows) return rows.error();
    std::vector<PushTargetRow> targets;
    for (const Row& row : *rows)
        targets.push_back({row.text(0), room, row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5)});
    return targets;
}

Result<std::vector<RoomId>> list_rooms(Database& db) {
    const auto rows = db.query("SELECT DISTINCT room_id FROM shows ORDER BY room_id");
    if (!rows) return rows.error();
    std::vector<RoomId> rooms;
    for (const Row& row : *rows) rooms.emplace_back(row.text(0));
    return rooms;
}

}  // namespace livefair::ledger
