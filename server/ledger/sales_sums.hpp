#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ledger/database.hpp"

/// The sums of a show that are kept beside its orders (table sales_sums), so that the live totals cost a read of a few
/// rows.
namespace livefair::ledger {

/// A component of an order, as sums count it.
struct CountedLine {
    std::string product, title, origin_code, origin_name, unit;
    std::int64_t units = 0, amount_fen = 0, weight_g = 0;
    std::int64_t refunded_fen = 0;  ///< By the refund that is counted.
};
/// Of an order that the ledger has. Errors: ledger_unavailable.
Result<std::vector<CountedLine>> counted_lines(Database& database, const std::string& order);

/// Same values as sales_sums.dimension.
enum class SumDimension { show = 1, origin = 2, product = 3 };

/// The columns of sales_sums that count, in their order there.
enum SumFigure : std::size_t {
    orders_held,
    orders_paid,
    units_held,
    units_paid,
    held_fen,
    paid_fen,
    refunded_fen,
    refund_due_fen,  ///< Of the show alone.
    held_g,
    paid_g,
    buyers_paid,  ///< Of the show alone.
};
constexpr std::size_t sum_figure_count = buyers_paid + 1;
using SumFigures = std::array<std::int64_t, sum_figure_count>;

/// Changes of one show's sums within one transaction, collected and then written together.
class SalesSums {
public:
    explicit SalesSums(std::string show) : show_(std::move(show)) {}

    /// An order's way: held when it is placed (or taken again), then released or paid; refunds after that.
    /// `orders`: so many that are alike.
    void hold(const std::vector<CountedLine>& lines, std::int64_t orders = 1);
    void release(const std::vector<CountedLine>& lines);
    /// `buyer` empty: nobody knows who it was, and no buyer is counted.
    void pay(const std::vector<CountedLine>& lines, const std::string& buyer);
    void refund(const std::vector<CountedLine>& lines);
    /// Money came that no order could take.
    void owe_back(std::int64_t amount_fen);

    /// Adds what was collected to the rows, and forgets it: as many statements as there are keys, at most three calls.
    /// Errors: ledger_unavailable; conflict - a sum would not fit any more.
    Result<> write(Database& database);

private:
    struct Change {
        std::string name;
        std::string unit;  ///< Empty: says nothing of it; `several_units`.
        SumFigures figures{};
    };
    using Key = std::pair<SumDimension, std::string>;

    void move(const std::vector<CountedLine>& lines, std::int64_t held, std::int64_t paid);
    void add(Key key, const std::string& name, const CountedLine& line, const SumFigures& figures);
    void add(std::int64_t& sum, std::int64_t amount);
    std::int64_t times(std::int64_t orders, std::int64_t amount);

    std::string show_;
    std::map<Key, Change>
        changes_;  ///< In one order for all, so that transactions never wait for each other in a ring.
    std::set<std::string> buyers_;
    bool has_new_ = false;  ///< Rows may have to be made.
    bool fits_ = true;
};

/// One kept sum that a recount of the order lines does not give.
struct SumDifference {
    std::string what;
    std::int64_t counted = 0, kept = 0;
};
/// O(order lines of the show). Errors: ledger_unavailable.
Result<std::vector<SumDifference>> recount_sums(Database& database, const std::string& show);

}  // namespace livefair::ledger
