#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/task.hpp"
#include "redis/client.hpp"

namespace livefair::v1 {
class ChatLine;
class ChatRules;
class RoomEvent;
}  // namespace livefair::v1

namespace livefair::room {

/// What became of a line.
struct Said {
    enum class Outcome {
        shown,
        held,      ///< Waits for review.
        muted,     ///< Only staff speak now.
        too_soon,  ///< Slow mode; see wait_ms.
        sampled,   ///< Not shown: the room has more lines than anyone can read.
    };
    Outcome outcome = Outcome::shown;
    std::int64_t wait_ms = 0;
};

/// Viewers' lines by each room's rules, and the lines that wait for review, decided in Redis: so they hold for all gateways and connections
/// alike, by Redis' clock. One per shard, on the shard's client. A room holds the newest 200 lines, each for at most an hour.
/// Errors of every call: those of redis::Client; after redis_unknown it may have been done.
class ChatDesk {
public:
    /// `deadline`: of one call; `history_max`: events of a room kept in Redis; `lines_per_s`: viewers' lines that a room shows, a second's worth of them
    /// at once.
    ChatDesk(redis::Client& redis, std::chrono::milliseconds deadline, std::int64_t history_max, std::int64_t lines_per_s);

    /// Publishes `line`, or holds it when the room's rules or `hold_reason` (a v1::HoldReason, 0: none) ask for it. Staff's lines (line.role) are
    /// published in any case.
    net::Task<Result<Said>> say(RoomId room, v1::ChatLine line, int hold_reason);

    /// From now on these rules hold in the room; `by` is an account.
    net::Task<Result<>> set_rules(RoomId room, v1::ChatRules rules, std::string by);

    /// Shows a line that waits, or lets it vanish. Returns the line. Errors: not_found - it does not wait: decided already, or too old.
    net::Task<Result<v1::ChatLine>> review(RoomId room, std::string chat_id, bool approve, std::string by);

    /// The lines that wait, newest first, as the events that told of them.
    net::Task<Result<std::vector<v1::RoomEvent>>> waiting(RoomId room);

private:
    net::Task<Result<redis::Reply>> call(redis::Client::Command command);

    redis::Client& redis_;
    std::chrono::milliseconds deadline_;
    std::int64_t history_max_;
    std::int64_t lines_per_s_;
};

}  // namespace livefair::room
