#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class Offer;
}

/// What the ledger says a till must hold, in the words of till.lua. Free functions over a Database: call them inside
/// Ledger::read().
namespace livefair::commerce {

/// Names and values of an offer's hash.
std::vector<std::string> offer_fields(const v1::Offer& offer);
/// "stock, left, newest change" triples for the stocks of one offer, or of the whole show when `offer` is empty.
Result<std::vector<std::string>> left_fields(ledger::Database& database, const ShowId& show, const OfferId& offer);
/// Names and values of all that a show may use up, in the till's hash: "left:<stock>", "pool:<fund>".
Result<std::map<std::string, std::string>> allocation_fields(ledger::Database& database, const ShowId& show);
/// The same, and "change:<field>", the number of each one's newest change: what a rebuilt till begins with.
Result<std::vector<std::string>> opening_fields(ledger::Database& database, const ShowId& show);
/// "buyer, offers" pairs: what buyers hold or have bought of one offer.
Result<std::vector<std::string>> limit_fields(ledger::Database& database, const OfferId& offer);

struct OrderKey {
    OrderId id;
    std::string text;  ///< As till.lua keeps it.
    std::int64_t hold_until_ms = 0;
    bool is_held = false;
};
/// Orders of the show after `after` (empty: from the first) by id, at most `count`.
Result<std::vector<OrderKey>> order_keys_after(ledger::Database& database, const ShowId& show, const OrderId& after,
                                               std::int64_t count);

/// Ids of an offer's orders after `after`, in their order, at most `count`.
Result<std::vector<std::string>> order_ids_of_offer(ledger::Database& database, const ShowId& show, const OfferId& offer,
                                                    const OrderId& after, std::int64_t count);

}  // namespace livefair::commerce
