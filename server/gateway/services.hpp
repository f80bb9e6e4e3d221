#pragma once

#include "base/clock.hpp"
#include "base/config.hpp"

namespace livefair::auth {
class KeyedLimiter;
}
namespace livefair::commerce {
class Checkout;
class Sales;
}  // namespace livefair::commerce
namespace livefair::ledger {
class Ledger;
class Sessions;
}  // namespace livefair::ledger
namespace livefair::room {
class Bus;
class ChatDesk;
class Hub;
}  // namespace livefair::room

namespace livefair::gateway {

class ChatFilter;
class Directory;

/// What sessions work with on one shard. Made by the composition root, which owns everything behind the references; they outlive
/// the sessions. "Shared" objects are thread-safe and the same on all shards.
struct Services {
    const Config& config;           ///< Shared.
    const Clock& clock;             ///< Shared.
    auth::KeyedLimiter& chat;       ///< Shared: chat lines of a viewer's account, room.chat_per_10s.
    const ChatFilter& chat_filter;  ///< Shared.
    ledger::Ledger& ledger;         ///< Shared.
    ledger::Sessions& sessions;     ///< Shared.
    commerce::Checkout& checkout;   ///< Of this shard.
    commerce::Sales& sales;         ///< Of this shard.
    room::Bus& bus;                 ///< Of this shard.
    room::ChatDesk& chat_desk;      ///< Of this shard.
    room::Hub& hub;                 ///< Of this shard.
    Directory& directory;           ///< Of this shard.
};

}  // namespace livefair::gateway
