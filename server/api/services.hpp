#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::v1 {
class Dashboard;
class ShowCurve;
}  // namespace livefair::v1
namespace livefair::auth {
class KeyedLimiter;
class Origins;
}  // namespace livefair::auth
namespace livefair::commerce {
class Checkout;
class OrderDesk;
class Payments;
class Sales;
class SandboxProvider;
}  // namespace livefair::commerce
namespace livefair::ledger {
class Ledger;
class Sessions;
}  // namespace livefair::ledger
namespace livefair::room {
class Bus;
class Players;
class QuestionDesk;
}

namespace livefair::api {

class Pages;
class PrivateRooms;
class PushTargets;
class SignIn;
class StreamKeys;

/// What the handlers work with on one shard. Made by the composition root, which owns everything behind the references;
/// they outlive the Api. "Shared" objects are thread-safe and the same on all shards.
struct Services {
    const Config& config;                ///< Shared.
    const Clock& clock;                  ///< Shared.
    const auth::Origins& origins;        ///< Shared.
    const Pages& pages;                  ///< Shared.
    auth::KeyedLimiter& requests;        ///< Shared: API requests of an address, limits.requests_per_second.
    auth::KeyedLimiter& media_tokens;    ///< Shared: media tokens of an account.
    ledger::Ledger& ledger;              ///< Shared.
    ledger::Sessions& sessions;          ///< Shared.
    SignIn& sign_in;                     ///< Shared.
    commerce::Checkout& checkout;        ///< Of this shard.
    commerce::OrderDesk& order_desk;     ///< Of this shard.
    commerce::Sales& sales;              ///< Of this shard.
    commerce::Payments& payments;        ///< Of this shard.
    commerce::SandboxProvider& sandbox;  ///< Of this shard: the payment provider's page.
    room::Bus& bus;                      ///< Of this shard.
    room::QuestionDesk& questions;       ///< Of this shard.
    StreamKeys& stream_keys;             ///< Of this shard.
    PushTargets& push_targets;           ///< Of this shard.
    PrivateRooms& private_rooms;         ///< Of this shard.
    room::Players& players;              ///< Of this shard.
    std::string media_secret;            ///< Shared with livefair-media; see auth/media_secret.hpp.
    /// The operator's dashboard, as of now; made by server/dashboard.
    std::function<net::Task<Result<v1::Dashboard>>()> dashboard;
    /// Viewers, orders, paid amount and chat of a show over time; made by server/dashboard.
    std::function<net::Task<Result<v1::ShowCurve>>(ShowId)> curve;
};

}  // namespace livefair::api
