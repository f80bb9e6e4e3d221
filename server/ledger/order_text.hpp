#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"
#include "ledger/orders.hpp"

namespace livefair::ledger {

/// A stream id "<ms>-<seq>", ordered as Redis orders them. An empty text is the smallest.
struct StreamId {
    std::uint64_t ms = 0;
    std::uint64_t sequence = 0;
    /// What is not a stream id reads as the smallest.
    static StreamId parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const StreamId&) const = default;
};

/// `units` of one stock.
struct StockUnits {
    std::string stock;
    std::int64_t units = 0;
};

/// "stock:units,stock:units" as till.lua writes it. Errors: invalid_input.
Result<std::vector<StockUnits>> parse_stock_units(std::string_view text);
/// Units of equal stocks summed, each times `factor`; keeps the order of first mention.
std::vector<StockUnits> sum_units(const std::vector<StockUnits>& lines, std::int64_t factor);

/// An order as till.lua keeps it: one string with 15 fields between '|' (see there).
struct OrderText {
    OrderState state = OrderState::reserved;
    std::string buyer;
    std::string offer;
    std::int64_t quantity = 0;
    std::string address;
    std::int64_t unit_price_fen = 0;
    std::int64_t amount_fen = 0;
    std::int64_t placed_ms = 0;
    std::int64_t hold_until_ms = 0;
    std::int64_t left_after = 0;
    std::vector<StockUnits> lines;  ///< Of one offer; "$<fund>": the fen that a fund pays (see OrderParts).
    std::int64_t version = 0;       ///< The offer's; 0: placed before offers had versions.
    std::string placed_id;
    std::string last_id;
    std::string payments;  ///< "id=paid@stream,id=refund@stream"

    /// Errors: invalid_input.
    static Result<OrderText> parse(std::string_view text);
    std::string text() const;
};

std::string_view to_string(OrderState state);

}  // namespace livefair::ledger
