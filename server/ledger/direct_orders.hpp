#pragma once

#include <cstdint>
#include <string>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class GiftOrder;
}

/// Orders that no till takes: bulk orders of organisations (shows of Channel::bulk), sales at a stall (Channel::stall) and
/// gifts of either. Their stock is that show's own allocation, taken by condition in SQL. Free functions over a Database: call them inside
/// Ledger::write(). Errors of all: ledger_unavailable; conflict - another connection was faster, ask again.
namespace livefair::ledger {

/// Same values as v1::OrderKind.
enum class OrderKind { sale = 1, donation = 2, bulk = 3, gift = 4 };

struct DirectOrder {
    OrderId id;  ///< Of the caller: the same id with the same content is the same order.
    ShowId show;
    OfferId offer;
    OrderKind kind = OrderKind::sale;  ///< A sale at a stall, a bulk channel's donation or bulk order, or a gift.
    std::int64_t count = 0;
    std::int64_t unit_price_fen = 0;  ///< 0: the offer's.
    std::string organisation;         ///< Empty for a person.
    std::string tag, quote, beneficiary, invoice_title, tax_number;
    std::string reference;  ///< How it was paid; empty: it is not paid yet.
    std::string why;        ///< Of a gift: for what it is given.
    AccountId by;
    std::int64_t at_ms = 0;
};

enum class DirectOutcome {
    taken,          ///< Or was before.
    used_id,        ///< The id is that of another order.
    wrong_channel,  ///< The show is of another channel, or a till sells its stock.
    ended,          ///< The show has ended, and what it had left went back.
    no_offer,       ///< Not of this show, or (at a stall) not open.
    unvetted,       ///< A supplier of its goods is not vetted. Not asked at a stall, where offers open like any other.
    sold_out,
    too_large,       ///< More than one order may come to.
    illegal,         ///< The order is in another state.
    used_reference,  ///< Another order was paid by the same transfer.
    bad_consignees,  ///< Their counts do not add up to the order's.
};

Result<DirectOutcome> place_direct(Database& database, const DirectOrder& order);
/// Goods that the show gives away: PAID at once with an amount of 0, nothing in the books, and in no sum of sales.
Result<DirectOutcome> place_gift(Database& database, const ShowId& show, const v1::GiftOrder& gift, const AccountId& by,
                                 std::int64_t at_ms);

struct DirectStep {
    ShowId show;
    OrderId order;
    std::string reference;  ///< Of the payment.
    AccountId by;
    std::string why;
    std::int64_t at_ms = 0;
};
/// The organisation's money has come: RESERVED becomes PAID. The same again changes nothing. Errors: not_found.
Result<DirectOutcome> pay_direct(Database& database, const DirectStep& step);
/// RESERVED becomes CANCELLED and the stock is free again. The same again changes nothing. Errors: not_found.
Result<DirectOutcome> release_direct(Database& database, const DirectStep& step);

/// A refund of an order of the ledger's own that was agreed to, and is in its figures and lines.
struct DirectRefund {
    std::string id;
    ShowId show;
    OrderId order;
    std::int64_t quantity = 0;  ///< Of orders.quantity; 0: money alone.
    std::int64_t amount_fen = 0;
    std::int64_t at_ms = 0;
};
/// Books that staff gave the money back, and puts the parts that no consignee was sent back into the show's stock. What was
/// handed over at a stall is sold. Returns how many parts, of the offer.
Result<std::int64_t> give_back_direct(Database& database, const DirectRefund& refund);

/// What an organisation gets for a paid 以购代捐 order, as plain text in Chinese. Its number is made of the order's id.
/// Errors: not_found - no such order in this show; conflict - it is no donation, or not paid, or (partly) refunded.
Result<std::string> certificate_of(Database& database, const ShowId& show, const OrderId& order);

}  // namespace livefair::ledger
