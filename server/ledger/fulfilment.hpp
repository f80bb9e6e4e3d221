#pragma once

#include <cstdint>
#include <string>

#include "ledger/progress.hpp"

namespace livefair::v1 {
class ListOrdersResponse;
class OrderHistory;
class OwnOrderHistory;
}  // namespace livefair::v1

/// Packing, shipping and receipt of paid orders. Free functions over a Database: call them inside Ledger::read() or
/// write(). Errors of all: ledger_unavailable.
namespace livefair::ledger {

/// One step of an order by a person. Texts are checked by the API.
struct Step {
    ShowId show;
    OrderId order;
    Progress to = Progress::packed;  ///< packed, shipped or done.
    AccountId by;
    std::string why;
    std::string carrier, tracking_number;  ///< Of shipped.
    std::int64_t at_ms = 0;
};

enum class StepOutcome {
    taken,
    repeated,        ///< It was taken before: nothing has changed.
    illegal,         ///< The order is in a state that it can't follow, see may_follow().
    goods_refunded,  ///< No goods are left to pack or to ship: refunds took them out of the order.
    refund_waits,    ///< Goods of an order of which a refund waits for its answer are not packed or shipped.
};

/// Moves the order and notes who, when and why, in one transaction. An order that is shipped already takes another
/// carrier or number, noted as "tracking_corrected". Consignees that are behind follow (consignees.hpp).
/// Errors: not_found - no such order in this show.
Result<StepOutcome> take_step(Database& database, const Step& step);

/// Something that happens to an order in the ledger and not in the till.
struct LedgerEvent {
    std::string id;  ///< Empty: a random one. The same id twice is a conflict.
    ShowId show;
    OrderId order;
    std::string kind, detail;
    AccountId by;
    std::string why;
    std::int64_t at_ms = 0;
};
Result<> note_event(Database& database, const LedgerEvent& event);

/// All that happened to an order, oldest first, at most 1000. Errors: not_found - no such order in this show.
Result<v1::OrderHistory> history_of_order(Database& database, const ShowId& show, const OrderId& order);

/// What its buyer is told of that, at most 1000. Errors: not_found - no such order, or not `buyer`'s.
Result<v1::OwnOrderHistory> history_of_own_order(Database& database, const OrderId& order, const AccountId& buyer);

/// Which of a show's orders are listed.
struct OrderFilter {
    int state = 0;  ///< A number of v1::OrderState; 0: all.
    /// The beginning of the order's id, its tracking number (or that of one of its consignees), or a part of its buyer's
    /// nickname; a letter of ASCII is found in either case. Empty: all. Recipients and phones are sealed, and not searched.
    std::string text = {};
    OrderId after = {};       ///< Those behind it.
    std::int64_t count = 50;  ///< At most so many, 1 to 200.
};
/// A show's orders by id, for its staff. Names and phones are masked, and addresses end with the region. A text is
/// compared with the show's orders one by one, and with no others.
Result<v1::ListOrdersResponse> list_orders_of_show(Database& database, const ShowId& show, const OrderFilter& filter);

}  // namespace livefair::ledger
