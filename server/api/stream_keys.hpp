#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::ledger {
class Ledger;
enum class StreamKeyRole;
}  // namespace livefair::ledger
namespace livefair::redis {
class Client;
}

namespace livefair::api {

/// Stream keys: the ledger holds their SHA-256, Redis mirrors them in the hash lf:streamkeys for media. One per shard.
class StreamKeys {
public:
    StreamKeys(ledger::Ledger& ledger, redis::Client& redis, const Clock& clock);

    /// Gives the room a new key of this role and returns it, this once. The old one is taken out of Redis and announced on
    /// lf:streamkeys:revoked, upon which media drops its publisher.
    /// Errors: not_found - no show in this room; ledger_unavailable (nothing changed); redis_unavailable, redis_unknown
    /// - the new key is in the ledger, not surely in Redis: ask again.
    net::Task<Result<std::string>> replace(RoomId room, ledger::StreamKeyRole role);

    /// Asks media, on lf:media:commands, to put the room's main publisher back on air in place of the backup.
    /// Errors: those of redis::Client.
    net::Task<Result<>> give_back(RoomId room);

    /// Makes lf:streamkeys what the ledger says, in one transaction. At start-up and after each new connection to
    /// Redis (redis::Client::on_connected): a Redis that was restarted or restored may hold old keys.
    /// Errors: ledger_unavailable, those of redis::Client.
    net::Task<Result<>> mirror_all();

private:
    ledger::Ledger& ledger_;
    redis::Client& redis_;
    const Clock& clock_;
};

}  // namespace livefair::api
