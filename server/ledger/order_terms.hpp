#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/order_text.hpp"

/// What an order's terms mean to the ledger: its goods, the subsidy that a fund pays, and the promises that were frozen into it.
namespace livefair::ledger {

class Database;

/// Lines of an order's facts name stocks, and by "$<fund>" the fen that a fund pays. Times the quantity, equal ones summed.
struct OrderParts {
    std::vector<StockUnits> goods;  ///< Gifts included.
    std::string fund_id;            ///< Empty: nobody pays a subsidy.
    std::int64_t subsidy_fen = 0;
    static OrderParts of(const std::vector<StockUnits>& lines, std::int64_t quantity);
};

/// Counts a subsidy against what the show may spend of the fund. False: there is not so much. Errors: ledger_unavailable.
Result<bool> draw_subsidy(Database& db, const ShowId& show, const std::string& fund, std::int64_t subsidy_fen);
/// Gives it back: the order has ended unpaid, or the goods came back.
Result<> return_subsidy(Database& db, const ShowId& show, const std::string& fund, std::int64_t subsidy_fen);

/// What is frozen into an order besides its price.
struct FrozenTerms {
    std::int64_t deliver_from_ms = 0, deliver_until_ms = 0;
    std::int64_t ship_by_ms = 0;
    bool without_gift = false;
};
/// By the offer's terms at the version that the order was placed at; `version` and `terms` are those of now, which mostly are the same.
/// Errors: ledger_unavailable.
Result<FrozenTerms> frozen_terms(Database& db, const OrderText& facts, std::int64_t version, const std::string& terms);

}  // namespace livefair::ledger
