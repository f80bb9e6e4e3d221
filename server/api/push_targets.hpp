#pragma once

#include <string>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "ledger/push_targets.hpp"
#include "net/task.hpp"

namespace livefair::ledger {
class Ledger;
}
namespace livefair::redis {
class Client;
}

namespace livefair::api {

/// The platforms that rooms are pushed on to: the ledger holds them with sealed keys, Redis mirrors each room's as the hash
/// {lf:push}:<room> (id -> sealed target) for media, which is told of a change on the channel {lf:push}. One per shard.
class PushTargets {
public:
    /// `secret`: of auth/media_secret.hpp.
    PushTargets(ledger::Ledger& ledger, redis::Client& redis, std::string secret);

    std::string seal_key(const std::string& key) const;
    /// Errors: ledger::add_push_target's; redis_unavailable, redis_unknown - it is in the ledger, not surely in Redis: mirror_all()
    /// brings Redis up.
    net::Task<Result<>> add(ledger::PushTargetRow row);
    /// Errors: ledger::remove_push_target's; those of Redis as for add().
    net::Task<Result<>> remove(RoomId room, std::string id);

    /// Makes every room's hash what the ledger says. At start-up and after each new connection to Redis.
    /// Errors: ledger_unavailable, those of redis::Client.
    net::Task<Result<>> mirror_all();

private:
    net::Task<Result<>> mirror(RoomId room);

    ledger::Ledger& ledger_;
    redis::Client& redis_;
    const std::string secret_;
};

}  // namespace livefair::api
