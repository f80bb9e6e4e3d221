#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::redis {
class Client;
}

namespace livefair::room {

/// A page that plays tells so every 30 s; one that has been silent for this long no longer counts (two beats and a slow network).
constexpr std::chrono::seconds player_silence{75};
/// Players counted in one room; those beyond are not. Bounds the key to about 12 MB.
constexpr std::int64_t players_max = 100'000;

/// Counts the pages whose picture moves, by their own word, so that it works through any CDN: Redis holds for each room the sorted
/// set {r<room>}:players (random id of the page -> Redis' time of its last word). A sorted set and not a HyperLogLog: pages leave,
/// and the figure must fall within seconds, to the one. One per shard. Errors of all: those of redis::Client.
class Players {
public:
    explicit Players(redis::Client& redis) : redis_(redis) {}

    /// `player`: at most 64 letters, digits, '-' or '_', checked by the caller. O(log n).
    net::Task<Result<>> is_playing(RoomId room, std::string player);
    net::Task<Result<>> has_left(RoomId room, std::string player);

private:
    redis::Client& redis_;
};

}  // namespace livefair::room
