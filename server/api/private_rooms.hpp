#pragma once

#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::ledger {
class Ledger;
}
namespace livefair::redis {
class Client;
}

namespace livefair::api {

/// Which rooms' media needs a token: the ledger knows by their shows, Redis mirrors them in the set lf:rooms:private for media,
/// which is told of a change on the channel of the same name. One per shard.
class PrivateRooms {
public:
    PrivateRooms(ledger::Ledger& ledger, redis::Client& redis);

    /// Makes the set what the ledger says, in one step, and announces `changed`. After every change of a show's access.
    /// Errors: ledger_unavailable; those of redis::Client - the ledger is ahead of Redis: ask again, or mirror_all() brings Redis up.
    net::Task<Result<>> mirror(RoomId changed);
    /// As mirror(), announcing every private room. At start-up and after each new connection to Redis.
    net::Task<Result<>> mirror_all();

private:
    ledger::Ledger& ledger_;
    redis::Client& redis_;
};

}  // namespace livefair::api
