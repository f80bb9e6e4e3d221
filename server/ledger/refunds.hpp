#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class ListRefundsResponse;
class Refund;
}  // namespace livefair::v1

/// Refunds of paid orders: who asks, who agrees, what of goods and money goes back. The way to the provider is
/// refund_requests.hpp, that of goods to the till commerce/refund_desk.hpp. An order of the ledger's own (direct_orders.hpp)
/// was paid past the provider, and staff give its money back the same way: such a refund is done as soon as it is agreed to.
/// Free functions over a Database: call them inside Ledger::read() or write(). Errors of all: ledger_unavailable.
namespace livefair::ledger {

/// Same values and order as v1::RefundState.
enum class RefundState { asked = 1, accepted = 2, done = 3, declined = 4, failed = 5 };

struct RefundWish {
    std::string id;  ///< Of the caller: the same id with the same content is the same refund.
    ShowId show;
    OrderId order;
    std::int64_t quantity = 0;    ///< Offers that are not delivered, or come back; 0: money alone.
    std::int64_t amount_fen = 0;  ///< 0: what `quantity` cost, at most what is left.
    std::string why;
    AccountId by;
    bool is_buyers = false;          ///< Asked by the buyer: staff has to agree.
    std::int64_t four_eyes_fen = 0;  ///< Above it, all refunds of the order together, a second person has to agree.
    std::int64_t at_ms = 0;
    std::string reference = {};  ///< How staff gave the money back; empty: the provider does.
};

struct RefundAnswer {
    enum class Outcome {
        taken,
        not_refundable,  ///< The order is not paid, or all of it has gone back already.
        too_much,        ///< More money or goods than the order has left.
        waits,           ///< Another refund of this order waits for its answer.
        used_id,         ///< The id is that of another refund.
        own,             ///< Who asked, or gets the money, can't agree.
        decided,         ///< The other way, before.
        no_payment,      ///< The provider has no money of this order.
        no_reference,    ///< An order of the ledger's own: how did its money go back?
        needless_reference,  ///< The provider gives this order's money back, nobody else.
        not_failed,          ///< The provider has not refused it for good: it may give the money back yet.
    };
    Outcome outcome = Outcome::taken;
    RefundState state = RefundState::asked;
};

/// Takes a refund; what staff may decide alone is accepted in the same transaction. Errors: not_found - no such order
/// in this show (or of this buyer).
Result<RefundAnswer> wish_refund(Database& database, const RefundWish& wish);

struct RefundDecision {
    std::string id;
    ShowId show;
    bool is_yes = false;
    AccountId by;
    std::string why;
    std::int64_t at_ms = 0;
};
/// The second person's answer; given twice it is one. Errors: not_found.
Result<RefundAnswer> decide_refund(Database& database, const RefundDecision& decision);

/// A refund that the provider has refused for good, and what staff does about it. What the order and the totals say of
/// it stays: its money has been owed all the time.
struct FailedRefund {
    std::string id;
    ShowId show;
    AccountId by;
    std::string why;
    std::int64_t at_ms = 0;
    std::string reference = {};      ///< How the money went back past the provider; empty: the provider is asked again.
    std::int64_t four_eyes_fen = 0;  ///< Above it, all refunds of the order together, not by who agreed to it.
};
/// Asks the provider for the same refund again, under a new number. Given twice it is one. Errors: not_found; conflict -
/// the payment has no such money left.
Result<RefundAnswer> ask_again(Database& database, const FailedRefund& failed);
/// Notes that staff gave the money back; the same reference given twice is one. Errors: not_found.
Result<RefundAnswer> settle_outside(Database& database, const FailedRefund& failed);

/// Splits `amount_fen` over lines of which `left` fen are left each: in proportion, rounded down cumulatively, so that
/// the parts add up and no line gives back more than it has. amount_fen is at most the sum of `left`, which is > 0.
std::vector<std::int64_t> split_refund(std::int64_t amount_fen, const std::vector<std::int64_t>& left);

/// Goods of an accepted refund that the till does not have back yet.
struct Restock {
    std::string refund;
    ShowId show;
    OrderId order;
    std::int64_t quantity = 0;
};
/// At most `count` of each show, so that a till that is away holds up no other.
Result<std::vector<Restock>> due_restocks(Database& database, std::int64_t count);
/// The projector's part: the till has put the goods on sale again. 0: this refund has none to put back (any more).
Result<std::int64_t> note_restocked(Database& database, const std::string& refund, const OrderId& order);

/// Follows the provider's answers: refunds whose money has gone back (or never will) are noted; returns the orders that
/// have changed, at most `count` refunds at once.
Result<std::vector<OrderId>> follow_refunds(Database& database, std::int64_t now_ms, std::int64_t count);

/// A refund whose money has gone back, or never will.
struct SettledRefund {
    std::string refund;
    std::string request;  ///< The provider's number of it; empty: staff gave the money back.
    ShowId show;
    OrderId order;
    bool is_done = false;
    std::string reference;  ///< Of staff who gave it back.
    AccountId by;           ///< Empty: the provider.
    std::string why;        ///< The provider's words.
    std::int64_t at_ms = 0;
};
/// Notes it, and that the order is REFUNDED when nothing of it is under way any more.
Result<> settle_refund(Database& database, const SettledRefund& settled);

/// Whether follow_refunds() has anything to do.
Result<std::int64_t> count_answered_refunds(Database& database);

/// Errors: not_found.
Result<v1::Refund> find_refund(Database& database, const std::string& id);
/// Newest first, at most 200. `order` empty: all of the show; `state` 0: all.
Result<v1::ListRefundsResponse> list_refunds(Database& database, const ShowId& show, const OrderId& order, int state);

}  // namespace livefair::ledger
