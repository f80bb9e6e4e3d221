#pragma once

#include <functional>
#include <string>

#include "auth/roles.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/errc.hpp"
#include "net/task.hpp"

namespace livefair::auth {
class KeyedLimiter;
}
namespace livefair::commerce {
class Checkout;
class Sales;
}  // namespace livefair::commerce
namespace livefair::ledger {
class Ledger;
}  // namespace livefair::ledger
namespace livefair::room {
class Bus;
class ChatDesk;
class Hub;
class Overload;
class QuestionDesk;
}  // namespace livefair::room

namespace livefair::gateway {

class ChatFilter;
class Directory;
class LedgerLink;

/// Whose token it is. Errors: unauthenticated, ledger_unavailable.
using FindIdentity = std::function<net::Task<Result<auth::Identity>>(std::string token)>;

/// What only the program with the ledger has.
struct LedgerSide {
    ledger::Ledger& ledger;        ///< Shared.
    commerce::Checkout& checkout;  ///< Of this shard.
    commerce::Sales& sales;        ///< Of this shard.
};

/// What sessions work with on one shard. Made by the composition root, which owns everything behind the references; they outlive
/// the sessions. "Shared" objects are thread-safe and the same on all shards.
struct Services {
    const Config& config;           ///< Shared.
    const Clock& clock;             ///< Shared.
    auth::KeyedLimiter& chat;       ///< Shared: chat lines of a viewer's account, room.chat_per_10s.
    const ChatFilter& chat_filter;  ///< Shared.
    const room::Overload& overload;  ///< Shared.
    FindIdentity find_identity;     ///< Called on this shard.
    LedgerSide* ledger_side;        ///< Null in a gateway without a ledger, which has a ledger_link.
    LedgerLink* ledger_link;        ///< Of this shard; null where ledger_side is not.
    room::Bus& bus;                 ///< Of this shard.
    room::ChatDesk& chat_desk;      ///< Of this shard.
    room::QuestionDesk& question_desk;  ///< Of this shard.
    room::Hub& hub;                 ///< Of this shard.
    Directory& directory;           ///< Of this shard.
    unsigned shard;                 ///< Its index.
};

}  // namespace livefair::gateway
