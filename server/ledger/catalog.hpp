#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class ListShowsResponse;
class Offer;
class Segment;
class Show;
class Stock;
}  // namespace livefair::v1

/// Shows, segments, stock, offers and stream keys in the ledger. Free functions for the ledger's threads:
/// call them inside Ledger::read() or Ledger::write(). Bounds and texts are checked by the API before. Errors of all:
/// ledger_unavailable; of create functions also conflict (the id, number or position is taken) and not_found (an object
/// that is named does not exist).
namespace livefair::ledger {

class Database;

/// How a show's goods are sold. Same values as v1::Channel.
enum class Channel { show = 1, mall = 2, bulk = 3, stall = 4 };
/// Whether a till sells them. Else staff enter the orders, and the ledger takes them itself (direct_orders.hpp).
constexpr bool has_till(Channel channel) { return channel == Channel::show || channel == Channel::mall; }
/// Errors: not_found.
Result<Channel> channel_of_show(Database& db, const ShowId& show);

/// The 200 newest by planned start, with segments, without offers.
Result<v1::ListShowsResponse> list_shows(Database& db);
/// With segments and offers; each offer's `left` is by the ledger (stock that is not committed), Redis may know better.
/// Errors: not_found.
Result<v1::Show> find_show(Database& db, const ShowId& show);
/// Errors: not_found.
Result<ShowId> show_of_room(Database& db, const RoomId& room);
Result<v1::Show> find_show_of_room(Database& db, const RoomId& room);
Result<RoomId> room_of_show(Database& db, const ShowId& show);
/// Without a channel: a show.
Result<> create_show(Database& db, const v1::Show& show, std::int64_t now_ms);
/// Whether its picture needs a media token. A rehearsal's does anyway. Errors: not_found.
Result<> set_show_private(Database& db, const ShowId& show, bool is_private);
/// Rooms of private shows and rehearsals: what the Redis set lf:rooms:private must hold.
Result<std::vector<RoomId>> list_private_rooms(Database& db);
/// Moves a show on: planned to live, live to ended. The same state again is no error.
/// Errors: not_found; conflict - a step back, or from planned straight to ended.
Result<> set_show_state(Database& db, const ShowId& show, int state);

Result<> create_segment(Database& db, const v1::Segment& segment);
/// With the host's name and title. Errors: not_found.
Result<v1::Segment> find_segment(Database& db, const SegmentId& segment);

/// An allocation out of the product's inventory. Errors besides: conflict - the product has not so many units free.
Result<> create_stock(Database& db, const v1::Stock& stock);

/// Makes an offer as a draft. A share_fen of 0 in all lines means: split the price by weight, rounded down, with the
/// remainder on the last line. Number 0: the next free number of the show.
/// A gift's share is 0. Errors besides: invalid_input - a line's stock is of another show, or the shares do not add up to the price.
Result<> create_offer(Database& db, const v1::Offer& offer, std::int64_t now_ms);
/// Writes title, prices, limit, hold and terms of `offer`; its lines stay, and their shares of the price keep their proportion.
/// Keeps what the page shows from now on. Errors: not_found (also: a fund of the terms); conflict - `offer.version` is not the newest.
Result<> change_offer(Database& db, const v1::Offer& offer, const std::string& by_account, std::int64_t now_ms);
/// With lines and what is derived from products (unit, weight, origin, supplier, picture). Errors: not_found.
Result<v1::Offer> find_offer(Database& db, const OfferId& offer);
/// Writes an offer's state and window. Errors: not_found.
Result<> set_offer_state(Database& db, const OfferId& offer, int state, std::int64_t open_ms, std::int64_t close_ms);

/// Which of a room's publishers a stream key is for.
enum class StreamKeyRole { main, backup };
/// Makes `key_hash` the room's only stream key of this role; returns the hash it replaces, empty when there was none.
/// Errors: not_found - no show in this room.
Result<std::string> replace_stream_key(Database& db, const RoomId& room, StreamKeyRole role, const std::string& key_hash,
                                       std::int64_t now_ms);
struct StreamKeyRow {
    std::string key_hash;
    RoomId room;
    StreamKeyRole role = StreamKeyRole::main;
};
/// All of them: what the Redis hash lf:streamkeys must hold.
Result<std::vector<StreamKeyRow>> list_stream_keys(Database& db);

}  // namespace livefair::ledger
