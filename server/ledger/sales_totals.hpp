#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class ListSalesOrdersResponse;
class SalesTotals;
}  // namespace livefair::v1

/// What a show has sold, recounted from its orders as of any moment. Every row that counts has a time that never
/// changes (placed, paid, refund decided), so the same question has the same answer whenever it is asked, once the
/// ledger has all that happened until then. Free functions over a Database: call them inside Ledger::read(). O(order
/// lines of the show).
namespace livefair::ledger {

/// What totals are taken by.
enum class Dimension {
    show,
    segment,
    host,
    origin_city,
    origin_county,
    buyer_city,
    buyer_county,
    product,
    supplier,
    organisation,
    channel,
    kind,
    ten_minutes,
};
/// As the API names it, "origin_city".
std::optional<Dimension> dimension_of(std::string_view name);

struct SalesQuestion {
    ShowId show;
    Dimension dimension = Dimension::show;
    std::int64_t as_of_ms = 0;
};

/// One line for each key, in their order. Of Dimension::show also who came back, who watched and who benefited.
/// `settled` is left false: the caller knows. Errors: not_found - no such show; too_large - more than 5,000 keys;
/// ledger_unavailable.
Result<v1::SalesTotals> sales_totals(Database& database, const SalesQuestion& question);

struct SalesPage {
    std::string key;
    OrderId after;           ///< Empty: from the first.
    std::int64_t count = 0;  ///< 1 to 200.
};
/// The orders that a line counts, by id; their figures add up to the line's. No name, phone or address in it.
/// Errors: not_found - no such show; ledger_unavailable.
Result<v1::ListSalesOrdersResponse> sales_orders(Database& database, const SalesQuestion& question,
                                                 const SalesPage& page);

/// The newest entry of the show's orders stream that the ledger has; empty when no till sells for the show.
Result<std::string> cursor_of_show(Database& database, const ShowId& show);

}  // namespace livefair::ledger
