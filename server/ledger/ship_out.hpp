#pragma once

#include <string>

#include "ledger/personal.hpp"

/// What a supplier has to send: a table for people, with addresses in full.
namespace livefair::ledger {

/// One cell of a CSV (RFC 4180). A text that a spreadsheet would run (= + - @, tab, carriage return in front) begins
/// with an apostrophe; quotes are doubled.
std::string csv_cell(std::string_view text);

constexpr std::string_view csv_byte_order_mark = "\xEF\xBB\xBF";
/// The first row, with its line end, in Chinese.
std::string ship_out_header();

/// Rows of orders behind `after`, by id, as CSV.
struct ShipOutPage {
    std::string rows;  ///< CRLF behind each.
    OrderId last;      ///< Empty: none came.
    std::int64_t orders = 0;
};
/// One row for each line (and each consignee of a bulk order) of a paid order that is not shipped, has goods left and no refund that waits for its answer.
/// `supplier` empty: of all. At most `count` orders; a look is noted for each. Call it inside Ledger::write().
Result<ShipOutPage> ship_out_page(Database& database, const std::string& supplier, const PersonalLook& look,
                                  const OrderId& after, std::int64_t count);

}  // namespace livefair::ledger
