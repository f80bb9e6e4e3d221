#include "api/private_rooms.hpp"

#include <utility>
#include <vector>

#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "redis/client.hpp"

namespace livefair::api {
namespace {

constexpr const char* private_set = "lf:rooms:private";
// How often the set is written again because a show's access changed meanwhile.
constexpr int rounds_max = 5;
// One command, so that media never sees a private room outside the set. Rooms that leave it are announced with those that stay.
constexpr const char* mirror_script =
    "local told = {} "
    "for _, room in ipairs(redis.call('SMEMBERS', KEYS[1])) do told[room] = true end "
    "redis.call('DEL', KEYS[1]) "
    "if ARGV[1] ~= '' then told[ARGV[1]] = true end "
    "for i = 2, #ARGV do redis.call('SADD', KEYS[1], ARGV[i]) told[ARGV[i]] = true end "
    "if ARGV[1] ~= '' then redis.call('SPUBLISH', KEYS[1], ARGV[1]) "
    "else for room in pairs(told) do redis.call('SPUBLISH', KEYS[1], room) end end "
    "return #ARGV - 1";

}  // namespace

PrivateRooms::PrivateRooms(ledger::Ledger& ledger, redis::Client& redis) : ledger_(ledger), redis_(redis) {}

net::Task<Result<>> PrivateRooms::mirror(RoomId changed) {
    std::vector<RoomId> written;
    for (int round = 0; round < rounds_max; ++round) {
        const Result<std::vector<RoomId>> rooms = co_await ledger_.read(&ledger::list_private_rooms);
        if (!rooms) co_return rooms.error();
        if (round > 0 && *rooms == written) co_return Result<>();
        redis::Client::Command command = {"EVAL", mirror_script, "1", private_set, changed.str()};
        for (const auto& room : *rooms) command.push_back(room.str());
        const Result<redis::Reply> mirrored = co_await redis_.command(std::move(command));
        if (!mirrored) co_return mirrored.error();
        written = *rooms;
    }
    co_return Result<>();
}

net::Task<Result<>> PrivateRooms::mirror_all() { return mirror(RoomId()); }

}  // namespace livefair::api
