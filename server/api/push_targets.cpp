#include "api/push_targets.hpp"

#include <utility>
#include <vector>

#include "auth/media_secret.hpp"
#include "auth/push_target.hpp"
#include "base/log.hpp"
#include "ledger/ledger.hpp"
#include "redis/client.hpp"

namespace livefair::api {
namespace {

constexpr const char* changed_channel = "{lf:push}";
// How often a room is written again because its targets changed meanwhile.
constexpr int rounds_max = 5;
// One command, so that media never sees half of a room's targets; and it says what it did only when something changed.
constexpr const char* mirror_script =
    "redis.call('DEL', KEYS[1]) "
    "for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end "
    "return redis.call('SPUBLISH', KEYS[2], ARGV[1])";

}  // namespace

PushTargets::PushTargets(ledger::Ledger& ledger, redis::Client& redis, std::string secret)
    : ledger_(ledger), redis_(redis), secret_(std::move(secret)) {}

std::string PushTargets::seal_key(const std::string& key) const { return auth::seal(secret_, key); }

net::Task<Result<>> PushTargets::add(ledger::PushTargetRow row) {
    const auto room = row.room;
    auto store = [row](ledger::Database& db) { return ledger::add_push_target(db, row); };
    const Result<> stored = co_await ledger_.write(std::move(store));
    if (!stored) co_return stored;
    co_return co_await mirror(room);
}

net::Task<Result<>> PushTargets::remove(RoomId room, std::string id) {
    auto erase = [room, id](ledger::Database& db) { return ledger::remove_push_target(db, room, id); };
    const Result<> erased = co_await ledger_.write(std::move(erase));
    if (!erased) co_return erased;
    co_return co_await mirror(room);
}

net::Task<Result<>> PushTargets::mirror(RoomId room) {
    std::vector<ledger::PushTargetRow> written;
    for (int round = 0; round < rounds_max; ++round) {
        auto list = [room](ledger::Database& db) { return ledger::list_push_targets(db, room); };
        const Result<std::vector<ledger::PushTargetRow>> targets = co_await ledger_.read(std::move(list));
        if (!targets) co_return targets.error();
        if (round > 0 && *targets == written) co_return Result<>();
        redis::Client::Command command = {"EVAL", mirror_script, "2", "{lf:push}:" + room.str(), changed_channel, room.str()};
        for (const auto& target : *targets) {
            const auto key = auth::unseal(secret_, target.sealed_key);
            if (!key) log::error("push_key_not_readable", {{"room", room.str()}, {"target", target.id}, {"why", "another media secret"}});
            if (!key) continue;
            command.push_back(target.id);
            command.push_back(auth::seal_push_target(secret_, {target.url, *key}));
        }
        const Result<redis::Reply> mirrored = co_await redis_.command(std::move(command));
        if (!mirrored) co_return mirrored.error();
        written = *targets;
    }
    co_return Result<>();
}

net::Task<Result<>> PushTargets::mirror_all() {
    auto list = [](ledger::Database& db) { return ledger::list_rooms(db); };
    const Result<std::vector<RoomId>> rooms = co_await ledger_.read(std::move(list));
    if (!rooms) co_return rooms.error();
    for (const auto& room : *rooms) {
        const Result<> mirrored = co_await mirror(room);
        if (!mirrored) co_return mirrored;
    }
    co_return Result<>();
}

}  // namespace livefair::api
