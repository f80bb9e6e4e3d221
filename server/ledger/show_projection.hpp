#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ledger/order_text.hpp"
#include "ledger/placed_orders.hpp"
#include "ledger/projection.hpp"
#include "ledger/sales_sums.hpp"

namespace livefair::ledger {

/// Stock ids between commas, which they have none of.
std::string join_stocks(const std::vector<std::string>& stocks);

/// The rows of one show in one batch, within one transaction. The batch is in projection.cpp, one order of an entry in
/// projected_order.cpp, what happens to orders that the ledger has in known_orders.cpp.
class ShowProjection {
public:
    ShowProjection(Database& database, ShowId show)
        : database_(database), orders_(database, show.str()), sums_(show.str()) {
        summary_.show = std::move(show);
    }

    /// Takes the entry in; its rows are written by the next flush() at the latest. `entry` has to live until then.
    Result<> apply(const StreamEntry& entry);
    /// As apply_one_by_one(), each order in a savepoint of its own.
    Result<> apply_carefully(const StreamEntry& entry);
    Result<> finish();
    CommitSummary take_summary() { return std::move(summary_); }
    std::vector<RefusedOrder> take_refused() { return std::move(refused_); }

private:
    const std::string& show() const { return summary_.show.str(); }
    const std::string& kind() const { return entry_->kind; }
    const StreamOrder& order() const { return entry_->orders[place_]; }
    std::int64_t place() const { return static_cast<std::int64_t>(place_); }

    // The batch.
    /// The rows are those that apply_one_by_one() of each entry in turn would write.
    Result<> flush();
    Result<> apply_one_by_one(const StreamEntry& entry);
    void begin(const StreamEntry& entry);
    void note(const StreamEntry& entry);
    /// New orders are written before the entries that wait behind them, so those must not be about the same orders.
    bool may_wait(const StreamEntry& entry) const;
    /// All new orders that wait, with few statements. False, and nothing is written, when one of them is out of the
    /// ordinary: known already, senseless, or above the cap.
    Result<bool> write_together();
    /// What can still be bought of each offer that needs a stock which moved: by the till's newest word, by the ledger
    /// for other stocks.
    Result<> count_left();

    // The order at `place_` of `entry_`.
    Result<> apply_order();
    Result<> pass_over();
    Result<> placed();
    /// A change of what the show may use up, decided by the till.
    Result<> adjusted();

    // The same, of orders that the ledger has.
    Result<> closed(OrderState state);
    /// The till has heard that the ledger refused the order.
    Result<> refused();
    Result<> taken_again();
    Result<> paid();
    Result<> refund_due();
    /// The goods of a refund are on sale again, and what the fund paid for them is the fund's.
    Result<> refunded();
    /// What the ledger has of the entry's order; empty when it has none.
    struct Held {
        std::string buyer, offer;
        OrderState state;
        std::int64_t amount_fen;
        std::string fund;
        std::int64_t subsidy_fen;
        std::int64_t quantity;
    };
    Result<std::vector<Held>> find_held();
    /// All that the order takes: units of stocks, and the money of its fund.
    Result<std::vector<StockUnits>> lines_of(const Held& held);
    Result<> set_state(OrderState state);
    /// What buyer and fund owe for a held order, or no longer owe.
    Result<> entries_of_hold(std::int64_t amount_fen, std::int64_t subsidy_fen, bool begins);
    /// Settles the payment's row and its webhook's; 0: it had been settled. The till has checked that the amount is the
    /// order's.
    Result<std::int64_t> take_payment(const char* state);

    // Rows of the order, and what is told of it.
    Result<> event(std::string_view what, const std::string& detail = {});
    Result<> anomaly(const std::string& what, const std::string& detail);
    Result<> entry(const char* debit, const char* credit, std::int64_t amount_fen);
    void changed(const std::string& buyer, OrderState state) { changed(order().id, buyer, state, false); }
    void changed(const std::string& id, const std::string& buyer, OrderState state, bool is_new);
    void refuse(const std::string& offer, std::vector<std::string> short_stocks);

    /// Counts a line against the ledger's own cap. False: there is not so much.
    Result<bool> take(const StockUnits& line);
    /// Takes all lines or none. Returns the stocks and funds that are short.
    Result<std::vector<std::string>> commit_units(const std::vector<StockUnits>& lines);
    Result<> give_back(const StockUnits& line);

    Database& database_;
    PlacedOrders orders_;
    SalesSums sums_;                             ///< Not yet written.
    std::vector<const StreamEntry*> waiting_;    ///< From the first new order on.
    std::unordered_set<std::string> mentioned_;  ///< Ids in `waiting_`.
    CommitSummary summary_;
    std::unordered_map<std::string, std::size_t> changed_at_;  ///< Of an id, in summary_.orders.
    std::vector<RefusedOrder> refused_;
    std::map<std::string, std::int64_t> left_;
    const StreamEntry* entry_ = nullptr;
    std::size_t place_ = 0;
    std::int64_t at_ms_ = 0;
    bool is_storable_ = true;
    std::int64_t position_ = 0;  ///< In `entries`, over all orders of the stream's entry.
};

}  // namespace livefair::ledger
