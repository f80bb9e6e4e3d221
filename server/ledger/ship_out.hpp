#pragma once

#include <string>

#include "ledger/personal.hpp"

/// What a supplier has to send: a table for people, with addresses in full.
namespace livefair::ledger {

/// The first row, with its line end, in Chinese.
std::string ship_out_header();

/// Rows of orders behind `after`, by id, as CSV.
struct ShipOutPage {
    std::string rows;  ///< CRLF behind each.
    OrderId last;      ///< Looked at; empty: there are no more.
    std::int64_t orders = 0;
};
/// One row for each line (and each consignee of a bulk order) of a paid order that is not shipped, has goods left and no refund that waits for its answer.
/// `supplier` empty: of all. At most `count` orders, out of the next 500; a look is noted for each. Call it inside Ledger::write().
Result<ShipOutPage> ship_out_page(Database& database, const std::string& supplier, const PersonalLook& look,
                                  const OrderId& after, std::int64_t count);

}  // namespace livefair::ledger
