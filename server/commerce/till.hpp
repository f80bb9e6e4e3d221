#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/id.hpp"
#include "redis/client.hpp"

namespace livefair::commerce {

/// Lua source of the Function library `livefair_till_v1`; put it into redis::Options::libraries.
std::string till_library();
/// `{s<show>}:<name>`.
std::string till_key(const ShowId& show, std::string_view name);

/// Why the till said no; names as in till.lua.
enum class Refusal { none, sold_out, not_open, closed, limit, no_offer, bad_quantity, conflict, practice, refused, fund_empty, wrong_day, gift_gone, staff_only };

/// What the till decided about an order id.
struct Decision {
    enum class Kind {
        accepted,  ///< By the till; true only once the ledger has `stream_id`.
        rejected,
        paused,   ///< The till is being rebuilt: nothing has happened.
        no_till,  ///< Redis knows no till of this show: nothing has happened.
    };
    Kind kind = Kind::paused;
    Refusal refusal = Refusal::none;
    std::string stream_id;   ///< Of the decision; of the offer's newest order when sold out.
    std::int64_t epoch = 0;  ///< Of the till that accepted or rejected.
    std::int64_t amount_fen = 0;
    std::int64_t hold_until_ms = 0;
    std::int64_t left = -1;
    bool repeated = false;      ///< The id was known: this is the answer given before.
    bool without_gift = false;  ///< The gift had run out, and the offer's rule is to sell without it.
};

struct Purchase {
    ShowId show;
    OfferId offer;
    OrderId order;
    AccountId buyer;
    AddressId address;
    std::int64_t quantity = 0;
};

/// What the till did with an order that is to end (cancel, expiry, refusal by the ledger).
struct Release {
    enum class Kind { released, already_closed, already_paid, not_due, not_found, paused };
    Kind kind = Kind::paused;
    std::string stream_id;   ///< Of the newest event of the order.
    std::int64_t epoch = 0;  ///< Of the till that said so; 0 when it knows no such order.
};

/// What the till did with a payment.
struct Settlement {
    enum class Kind { paid, refund_due, not_found, paused };
    Kind kind = Kind::paused;
    std::string stream_id;
    bool repeated = false;  ///< This payment was known.
};

/// What the till did with the goods of a refund.
struct Restocking {
    enum class Kind { restocked, not_found, paused };
    Kind kind = Kind::paused;
    std::string stream_id;
    bool repeated = false;
};

/// What the till did with a change of what it may sell or spend.
struct Adjustment {
    enum class Kind {
        done,
        too_few,   ///< There is not so much left to take away.
        gap,       ///< The change before it has not been decided yet.
        no_field,  ///< The till does not know the stock: no offer of it is loaded.
        paused,
    };
    Kind kind = Kind::paused;
    std::int64_t left = 0;
    std::int64_t epoch = 0;  ///< Of the till that said so.
};

/// The Redis Functions of one show's till, typed. One per shard, over that shard's Redis client; not thread-safe.
/// Every call passes the run_id of the connected server and the epoch it knows; the epoch is read again after "paused".
/// Errors of all: redis_unavailable (nothing happened), redis_unknown (ask again with the same id), redis_error,
/// too_many_requests.
class Till {
public:
    static constexpr std::size_t purchases_max = 128;

    explicit Till(redis::Client& redis) : redis_(redis) {}

    /// Decides 1 to purchases_max purchases of one show in one call, in their order: one decision for each.
    net::Task<Result<std::vector<Decision>>> place(std::vector<Purchase> purchases);
    /// `buyer` empty: the caller is the site itself. The order's offer is looked up in Redis.
    net::Task<Result<Release>> cancel(ShowId show, OrderId order, AccountId buyer);
    /// Releases an unpaid order whose deadline has passed by Redis' clock.
    net::Task<Result<Release>> expire(ShowId show, OrderId order);
    /// Takes back what the ledger refused; the units of `short_stocks` are not put on sale again, the ledger does not
    /// have them.
    net::Task<Result<Release>> refuse(ShowId show, OrderId order, std::vector<std::string> short_stocks);
    /// A verified payment. Errors besides: invalid_input - the amount is not the order's. `payment` is the provider's
    /// number, `event` the webhook's id, kept by the ledger in the same transaction.
    net::Task<Result<Settlement>> pay(ShowId show, OrderId order, std::string provider, std::string payment,
                                      std::string event, std::int64_t amount_fen);
    /// Puts `quantity` offers of a paid order on sale again, once for each `refund`. Errors besides: conflict - the order
    /// is not paid there.
    net::Task<Result<Restocking>> restock(ShowId show, OrderId order, std::string refund, std::int64_t quantity);
    /// Tells the till about an offer: `fields` are the names and values of its hash, `left` what a stock that the till
    /// does not know has (see left_fields()). Errors besides: conflict - the till is paused or there is none.
    net::Task<Result<>> load_offer(ShowId show, OfferId offer, std::vector<std::string> fields,
                                   std::vector<std::string> left);
    /// Tells the till of stocks that no offer has brought; `left` as above. Errors besides: conflict - the till is paused or there is none.
    net::Task<Result<>> load_stocks(ShowId show, std::vector<std::string> left);
    /// Carries out change `number` of "left:<stock>" or "pool:<fund>", once and in order; `by`: how much more, below 0 less; nothing: less by
    /// all that is left.
    net::Task<Result<Adjustment>> adjust(ShowId show, std::string field, std::int64_t number, std::optional<std::int64_t> by);
    /// Orders whose hold has ended by Redis' clock, at most `count` (1 to 100), oldest first, but for the `skipped` oldest.
    net::Task<Result<std::vector<OrderId>>> due(ShowId show, std::int64_t count, std::int64_t skipped);
    /// Newest stream id that the ledger has committed; empty when there is none.
    net::Task<Result<std::string>> committed(ShowId show);
    redis::Client& redis() { return redis_; }

private:
    struct Answered {
        redis::Reply reply;
        std::string epoch;  ///< Of the till that gave it, unless it is paused.
    };
    /// Calls a function with run_id and epoch before `args`.
    net::Task<Result<Answered>> call(ShowId show, std::string function, std::vector<std::string> keys,
                                     std::vector<std::string> args);
    net::Task<Result<Release>> release(ShowId show, OrderId order, std::string kind, std::string buyer,
                                       std::string short_stocks);
    net::Task<Result<OfferId>> offer_of(ShowId show, OrderId order);

    redis::Client& redis_;
    std::unordered_map<ShowId, std::string> epochs_;
};

}  // namespace livefair::commerce
