#include "ledger/catalog.hpp"

#include <livefair/v1/catalog.pb.h>

#include "base/money.hpp"
#include "ledger/allocations.hpp"
#include "ledger/database.hpp"
#include "ledger/offer_lines.hpp"
#include "ledger/offer_terms.hpp"

namespace livefair::ledger {
namespace {

Value reference(const std::string& id) {
    return id.empty() ? Value() : Value(id);
}

Result<> done(const Result<std::int64_t>& executed) {
    if (!executed) return executed.error();
    return {};
}

/// `sql` selects a count by one id. Errors: not_found when it is 0.
Result<> require(Database& db, std::string_view sql, const std::string& id) {
    const auto rows = db.query(sql, {id});
    if (!rows) return rows.error();
    if (rows->front().integer(0) == 0) return Errc::not_found;
    return {};
}
constexpr std::string_view show_exists = "SELECT count(*) FROM shows WHERE id = ?";
constexpr std::string_view host_exists = "SELECT count(*) FROM hosts WHERE id = ?";
constexpr std::string_view product_exists = "SELECT count(*) FROM products WHERE id = ?";
constexpr std::string_view organisation_exists = "SELECT count(*) FROM organisations WHERE id = ?";

constexpr std::string_view show_columns =
    "SELECT s.id, s.room_id, s.title, s.state, s.starts_ms, s.organisation_id, o.name, s.practice, s.is_private, s.channel "
    "FROM shows s LEFT JOIN organisations o ON o.id = s.organisation_id ";

void fill(v1::Show& show, const Row& row) {
    show.set_id(row.text(0));
    show.set_room_id(row.text(1));
    show.set_title(row.text(2));
    show.set_state(static_cast<v1::ShowState>(row.integer(3)));
    show.set_starts_ms(row.integer(4));
    show.set_organisation_id(row.text(5));
    show.set_organisation_name(row.text(6));
    show.set_practice(row.integer(7) != 0);
    show.set_is_private(show.practice() || row.integer(8) != 0);
    show.set_channel(static_cast<v1::Channel>(row.integer(9)));
}

constexpr std::string_view segment_columns =
    "SELECT g.id, g.show_id, g.position, g.host_id, h.name, h.title, g.region_code, g.region_name "
    "FROM segments g JOIN hosts h ON h.id = g.host_id ";

void fill(v1::Segment& segment, const Row& row) {
    segment.set_id(row.text(0));
    segment.set_show_id(row.text(1));
    segment.set_position(static_cast<std::int32_t>(row.integer(2)));
    segment.set_host_id(row.text(3));
    segment.set_host_name(row.text(4));
    segment.set_host_title(row.text(5));
    segment.set_region_code(row.text(6));
    segment.set_region_name(row.text(7));
}

constexpr std::string_view offer_columns =
    "SELECT id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, limit_per_buyer, hold_ms, "
    "open_ms, "
    "close_ms, state, segment_id, version, terms FROM offers ";

void fill(v1::Offer& offer, const Row& row) {
    offer.set_id(row.text(0));
    offer.set_show_id(row.text(1));
    offer.set_number(static_cast<std::int32_t>(row.integer(2)));
    offer.set_title(row.text(3));
    offer.set_kind(static_cast<v1::OfferKind>(row.integer(4)));
    offer.set_price_fen(row.integer(5));
    offer.set_list_price_fen(row.integer(6));
    offer.set_list_price_basis(row.text(7));
    offer.set_limit_per_buyer(row.integer(8));
    offer.set_hold_ms(row.integer(9));
    offer.set_open_ms(row.integer(10));
    offer.set_close_ms(row.integer(11));
    offer.set_state(static_cast<v1::OfferState>(row.integer(12)));
    offer.set_segment_id(row.text(13));
    offer.set_version(row.integer(14));
    read_terms(row.text(15), offer);
}

Result<> add_segments(Database& db, v1::Show& show) {
    const auto segments =
        db.query(std::string(segment_columns) + "WHERE g.show_id = ? ORDER BY g.position LIMIT 1000", {show.id()});
    if (!segments) return segments.error();
    for (const Row& row : *segments) fill(*show.add_segments(), row);
    return {};
}

Result<> add_offers(Database& db, v1::Show& show) {
    const auto offers =
        db.query(std::string(offer_columns) + "WHERE show_id = ? ORDER BY number LIMIT 1000", {show.id()});
    if (!offers) return offers.error();
    for (const Row& row : *offers) {
        auto& offer = *show.add_offers();
        fill(offer, row);
        if (const auto filled = read_offer_lines(db, offer); !filled) return filled.error();
    }
    return {};
}

}  // namespace

Result<v1::ListShowsResponse> list_shows(Database& db) {
    const auto rows = db.query(std::string(show_columns) + "ORDER BY s.starts_ms DESC, s.id LIMIT 200");
    if (!rows) return rows.error();
    v1::ListShowsResponse response;
    for (const Row& row : *rows) {
        auto& show = *response.add_shows();
        fill(show, row);
        if (const auto added = add_segments(db, show); !added) return added.error();
    }
    return response;
}

Result<v1::Show> find_show(Database& db, const ShowId& show) {
    const auto rows = db.query(std::string(show_columns) + "WHERE s.id = ?", {show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    v1::Show found;
    fill(found, rows->front());
    if (const auto added = add_segments(db, found); !added) return added.error();
    if (const auto added = add_offers(db, found); !added) return added.error();
    return found;
}

Result<ShowId> show_of_room(Database& db, const RoomId& room) {
    const auto rows = db.query("SELECT id FROM shows WHERE room_id = ?", {room.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    return ShowId(rows->front().text(0));
}

Result<v1::Show> find_show_of_room(Database& db, const RoomId& room) {
    const auto show = show_of_room(db, room);
    if (!show) return show.error();
    return find_show(db, *show);
}

Result<RoomId> room_of_show(Database& db, const ShowId& show) {
    const auto rows = db.query("SELECT room_id FROM shows WHERE id = ?", {show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    return RoomId(rows->front().text(0));
}

Result<Channel> channel_of_show(Database& db, const ShowId& show) {
    const auto rows = db.query("SELECT channel FROM shows WHERE id = ?", {show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    return static_cast<Channel>(rows->front().integer(0));
}

Result<> create_show(Database& db, const v1::Show& show, std::int64_t now_ms) {
    if (!show.organisation_id().empty())
        if (const auto known = require(db, organisation_exists, show.organisation_id()); !known) return known.error();
    const auto channel = show.channel() == v1::CHANNEL_UNSPECIFIED ? v1::CHANNEL_SHOW : show.channel();
    return done(
        db.execute("INSERT INTO shows (id, room_id, title, state, starts_ms, organisation_id, practice, is_private, created_ms, channel) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   {show.id(), show.room_id(), show.title(), std::int64_t{v1::SHOW_STATE_PLANNED}, show.starts_ms(),
                    reference(show.organisation_id()), std::int64_t{show.practice()}, std::int64_t{show.is_private()}, now_ms, std::int64_t{channel}}));
}

Result<> set_show_private(Database& db, const ShowId& show, bool is_private) {
    const auto changed = db.execute("UPDATE shows SET is_private = ? WHERE id = ?", {std::int64_t{is_private}, show.str()});
    if (!changed) return changed.error();
    if (*changed == 0) return Errc::not_found;
    return {};
}

Result<std::vector<RoomId>> list_private_rooms(Database& db) {
    const auto rows = db.query("SELECT room_id FROM shows WHERE is_private = 1 OR practice = 1 ORDER BY room_id");
    if (!rows) return rows.error();
    std::vector<RoomId> rooms;
    for (const Row& row : *rows) rooms.push_back(RoomId(row.text(0)));
    return rooms;
}

Result<> set_show_state(Database& db, const ShowId& show, int state) {
    const auto rows = db.query("SELECT state FROM shows WHERE id = ?", {show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    const auto current = rows->front().integer(0);
    if (current == state) return {};
    if (current + 1 != state) return Errc::conflict;
    return done(db.execute("UPDATE shows SET state = ? WHERE id = ?", {std::int64_t{state}, show.str()}));
}

Result<> create_segment(Database& db, const v1::Segment& segment) {
    if (const auto known = require(db, show_exists, segment.show_id()); !known) return known.error();
    if (const auto known = require(db, host_exists, segment.host_id()); !known) return known.error();
    return done(db.execute(
        "INSERT INTO segments (id, show_id, position, host_id, region_code, region_name) VALUES (?, ?, ?, ?, ?, ?)",
        {segment.id(), segment.show_id(), std::int64_t{segment.position()}, segment.host_id(), segment.region_code(),
         segment.region_name()}));
}

Result<v1::Segment> find_segment(Database& db, const SegmentId& segment) {
    const auto rows = db.query(std::string(segment_columns) + "WHERE g.id = ?", {segment.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    v1::Segment found;
    fill(found, rows->front());
    return found;
}

Result<> create_stock(Database& db, const v1::Stock& stock) {
    if (const auto known = require(db, show_exists, stock.show_id()); !known) return known.error();
    if (const auto known = require(db, product_exists, stock.product_id()); !known) return known.error();
    const auto made = db.execute("INSERT INTO stocks (id, show_id, product_id, total) VALUES (?, ?, ?, 0)",
                                 {stock.id(), stock.show_id(), stock.product_id()});
    if (!made) return made.error();
    return allocate_new(db, StockId(stock.id()), stock.total());
}

Result<v1::Offer> find_offer(Database& db, const OfferId& offer) {
    const auto rows = db.query(std::string(offer_columns) + "WHERE id = ?", {offer.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    v1::Offer found;
    fill(found, rows->front());
    if (const auto filled = read_offer_lines(db, found); !filled) return filled.error();
    return found;
}

Result<> set_offer_state(Database& db, const OfferId& offer, int state, std::int64_t open_ms, std::int64_t close_ms) {
    const auto changed = db.execute("UPDATE offers SET state = ?, open_ms = ?, close_ms = ?, version = version + 1 WHERE id = ?",
                                    {std::int64_t{state}, open_ms, close_ms, offer.str()});
    if (!changed) return changed.error();
    if (*changed == 0) return Errc::not_found;
    return {};
}

Result<std::string> replace_stream_key(Database& db, const RoomId& room, StreamKeyRole role, const std::string& key_hash,
                                       std::int64_t now_ms) {
    const std::string table = role == StreamKeyRole::main ? "stream_keys" : "backup_stream_keys";
    if (const auto known = require(db, "SELECT count(*) FROM shows WHERE room_id = ?", room.str()); !known)
        return known.error();
    const auto old = db.query("SELECT key_hash FROM " + table + " WHERE room_id = ?", {room.str()});
    if (!old) return old.error();
    const auto removed = db.execute("DELETE FROM " + table + " WHERE room_id = ?", {room.str()});
    if (!removed) return removed.error();
    const auto added = db.execute("INSERT INTO " + table + " (room_id, key_hash, created_ms) VALUES (?, ?, ?)",
                                  {room.str(), key_hash, now_ms});
    if (!added) return added.error();
    return old->empty() ? std::string() : old->front().text(0);
}

Result<std::vector<StreamKeyRow>> list_stream_keys(Database& db) {
    const auto rows = db.query(
        "SELECT key_hash, room_id, 0 AS backup FROM stream_keys UNION ALL SELECT key_hash, room_id, 1 FROM backup_stream_keys "
        "ORDER BY room_id, backup");
    if (!rows) return rows.error();
    std::vector<StreamKeyRow> keys;
    for (const Row& row : *rows) {
        const auto role = row.integer(2) == 0 ? StreamKeyRole::main : StreamKeyRole::backup;
        keys.push_back({row.text(0), RoomId(row.text(1)), role});
    }
    return keys;
}

}  // namespace livefair::ledger
