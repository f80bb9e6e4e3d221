#include "room/players.hpp"

#include <utility>

#include "redis/client.hpp"

namespace livefair::room {
namespace {

std::string key_of(const RoomId& room) { return "{r" + room.str() + "}:players"; }

std::string silence_ms() { return std::to_string(std::chrono::milliseconds(player_silence).count()); }

// args: silence in ms, most players, player. Redis' clock, so that gateways need not agree.
constexpr const char* playing_script =
    "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1]) "
    "if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[2]) or redis.call('ZSCORE', KEYS[1], ARGV[3]) then "
    "redis.call('ZADD', KEYS[1], now, ARGV[3]) redis.call('PEXPIRE', KEYS[1], ARGV[1]) end "
    "return 1";

Result<> done(const Result<redis::Reply>& reply) {
    if (!reply) return reply.error();
    return {};
}

}  // namespace

net::Task<Result<>> Players::is_playing(RoomId room, std::string player) {
    redis::Client::Command command = {"EVAL", playing_script, "1", key_of(room), silence_ms(), std::to_string(players_max), std::move(player)};
    const Result<redis::Reply> reply = co_await redis_.command(std::move(command));
    co_return done(reply);
}

net::Task<Result<>> Players::has_left(RoomId room, std::string player) {
    redis::Client::Command command = {"ZREM", key_of(room), std::move(player)};
    const Result<redis::Reply> reply = co_await redis_.command(std::move(command));
    co_return done(reply);
}

}  // namespace livefair::room
