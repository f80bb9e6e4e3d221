#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/database.hpp"
#include "ledger/order_text.hpp"
#include "ledger/sales_sums.hpp"
#include "ledger/stream_entry.hpp"

namespace livefair::ledger {

/// A component of one offer, with what the ledger knows of its product.
struct OfferPart {
    StockUnits line;
    std::int64_t share_fen = 0;
    std::string product, title, unit, origin_code, origin_name, supplier;
    std::int64_t weight_g = 0;  ///< Of one unit.
};

/// An offer as an order names it: its id, and the lines that were frozen into the order.
struct OfferFacts {
    std::string title;
    std::vector<OfferPart> parts;  ///< Each stock once, gifts included. Not empty.
    std::string segment;           ///< That the offer belongs to now; empty: none.
    std::string fund_id;           ///< Empty: nobody pays a subsidy.
    std::int64_t subsidy_fen = 0;  ///< Of one offer.
    std::int64_t version = 0;      ///< The offer's version and terms of now.
    std::string terms;
};

/// An order of an entry "placed".
struct Placement {
    const StreamEntry* entry = nullptr;
    std::size_t place = 0;  ///< In the entry.
    OrderText facts{};
    const OfferFacts* offer = nullptr;  ///< Of the PlacedOrders that read it. Null: the ledger can't make sense of it.
    OrderState state = OrderState::reserved;
    std::string short_stocks{};  ///< Joined by commas; why it is refused.
    std::int64_t position = 0;   ///< Of its row in `entries`, when it is reserved; that of its subsidy is 1000 behind.

    const std::string& id() const { return entry->orders[place].id; }
    /// What it takes of each stock and, by "$<fund>", of a fund.
    std::vector<StockUnits> demand() const;
    /// Its components, with their parts of the money. `offer` is not null.
    std::vector<CountedLine> lines() const;
};

/// Reads and writes the new orders of one show within one transaction: what the ledger knows of offers is read once.
class PlacedOrders {
public:
    PlacedOrders(Database& database, std::string show) : database_(database), show_(std::move(show)) {}

    Result<Placement> read(const StreamEntry& entry, std::size_t place);
    /// Whether the ledger has an order of one of these ids.
    Result<bool> is_any_known(const std::vector<std::string>& ids);
    /// Their rows in orders, order_lines, order_events and entries: a few statements for all. Stocks are not counted; what
    /// is reserved is held in `sums`. Errors: ledger_unavailable; conflict - one breaks a rule of the schema.
    Result<> insert(const std::vector<Placement>& placements, SalesSums& sums);

private:
    Result<const OfferFacts*> find_offer(const OrderText& facts);
    Result<OfferFacts> read_offer(const OrderText& facts);

    Database& database_;
    std::string show_;
    /// By offer and lines; without parts: makes no sense.
    std::map<std::pair<std::string, std::string>, OfferFacts> offers_;
};

/// Splits `amount` in proportion to `shares`, rounded down; the last part that has a share gets what remains, so that the
/// parts add up to `amount`. All shares 0: the last part is all. `shares` is not empty.
std::vector<std::int64_t> split_amount(std::int64_t amount, const std::vector<std::int64_t>& shares);

}  // namespace livefair::ledger
