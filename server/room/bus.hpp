#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/task.hpp"
#include "redis/client.hpp"
#include "room/event_class.hpp"

namespace livefair::v1 {
class ChatHistoryResponse;
class RoomEvent;
}  // namespace livefair::v1

namespace livefair::room {

/// Lua source of the library livefair_room_v1, for redis::Options::libraries.
std::string_view library_source();

/// The sharded channel of a room's events. Message: "<epoch> <seq> " followed by RoomEvent bytes.
std::string events_channel(const RoomId& room);
/// What such a message says. Errors of parse_message: Errc::invalid_input.
struct Message {
    std::string_view epoch;
    std::int64_t seq = 0;
    std::string_view event;  ///< RoomEvent bytes.
};
Result<Message> parse_message(std::string_view payload);

/// Where an event stands in its room.
struct Position {
    std::string epoch;
    std::int64_t seq = 0;    ///< 0: a latest value.
    std::int64_t at_ms = 0;  ///< Redis' clock.
};

/// One event of the history, still encoded.
struct StoredEvent {
    std::int64_t seq = 0;
    std::string event;  ///< RoomEvent bytes.
};

/// All that Redis holds of a room, as of one moment.
struct StoredRoom {
    std::string epoch;
    std::int64_t seq = 0;
    std::vector<std::pair<std::string, std::string>> state;  ///< Fields of the state hash, docs/architecture.md.
    std::vector<StoredEvent> history;                        ///< The newest events, oldest first.
};

/// What one gateway has to say of a room, once a second. An empty `gateway` only asks.
struct CountReport {
    std::string gateway;
    std::int64_t viewers = 0;         ///< Connections there now.
    std::int64_t new_likes = 0;       ///< Since its last report.
    std::int64_t new_chat_lines = 0;  ///< The same.
    bool is_live = false;             ///< The show is on air: viewers and playing pages go into its sums.
    std::int64_t new_views = 0;       ///< Pages that came to a show on air since the last report.
    std::set<std::uint64_t> new_people = {};  ///< Who they were (auth::person_of()); those after people_max wait for the next report.
    static constexpr std::size_t people_max = 4000;
};
/// What is counted in a room, over all gateways.
struct Counts {
    std::int64_t viewers = 0;     ///< Connections now. A gateway that is silent for 5 s no longer counts.
    std::int64_t likes = 0;       ///< Since the room began.
    std::int64_t chat_lines = 0;  ///< Shown, and in no sample yet.
    std::int64_t players = 0;     ///< Pages whose picture moves; see players.hpp.
    std::int64_t as_of_ms = 0;    ///< Redis' clock.
    std::int64_t views = 0;       ///< Since the show began; this and the next three as docs/rooms.md defines them.
    std::int64_t people = 0;
    std::int64_t viewers_most = 0;
    std::int64_t watched_ms = 0;
    bool is_news = false;         ///< It differs from what the room was told, and this caller is to tell it.
    bool has_new_questions = false;  ///< The same of the open questions.
};

/// The rooms' events in Redis. One per shard, on the shard's client; any object of the shard may use it.
/// Errors of every call: those of redis::Client; after redis_unknown the event may have been published.
class Bus {
public:
    /// `deadline`: of one call; `history_max`: events of a room kept in Redis.
    Bus(redis::Client& redis, std::chrono::milliseconds deadline, std::int64_t history_max);

    /// Gives `event` the room's next seq (latest values: 0) and Redis' time as at_ms, keeps it in the history, updates what late
    /// joiners get (pin, segment, show, deleted lines, mutes, bans) and publishes it, all in one Redis Function.
    /// The publisher's own viewers get it by the same way as everybody else's.
    /// Errors besides: too_large when the room's state is full.
    net::Task<Result<Position>> publish(RoomId room, v1::RoomEvent event);

    /// The room's epoch (made now if it has none), state and newest `count` events, read in one step.
    net::Task<Result<StoredRoom>> open(RoomId room, std::int64_t count);
    /// At most `count` events after `seq`, oldest first, with the epoch they belong to.
    net::Task<Result<StoredRoom>> events_after(RoomId room, std::int64_t seq, std::int64_t count);
    /// At most `count` (1 to 200) chat lines with a seq below `before` (0: the newest), oldest first, deleted ones left out.
    net::Task<Result<v1::ChatHistoryResponse>> chat_history(RoomId room, std::int64_t before, std::int64_t count);
    /// Takes a gateway's report and adds all up.
    net::Task<Result<Counts>> count(RoomId room, CountReport report);
    /// `lines` chat lines are in a sample from now on.
    net::Task<Result<>> sampled(RoomId room, std::int64_t lines);
    /// StreamState bytes as media wrote them last; empty when the room has no stream.
    net::Task<Result<std::string>> stream_state(RoomId room);
    /// Redis' clock, Unix milliseconds.
    net::Task<Result<std::int64_t>> now_ms();

private:
    redis::Client& redis_;
    std::chrono::milliseconds deadline_;
    std::int64_t history_max_;
};

}  // namespace livefair::room
