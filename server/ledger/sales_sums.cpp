#include "ledger/sales_sums.hpp"

namespace livefair::ledger {

namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

constexpr const char* several_units = "*";

constexpr std::array<const char*, sum_figure_count> sum_figure_names = {
    "orders_held",  "orders_paid",    "units_held", "units_paid", "held_fen",   "paid_fen",
    "refunded_fen", "refund_due_fen", "held_g",     "paid_g",     "buyers_paid"};

using Key = std::pair<SumDimension, std::string>;

/// Sums over lines for recount_sums(); 1 and 2 are the numbers of RESERVED and PAID, 4 is that of a gift. An order counts once in each group
/// that it has lines in.
constexpr const char* line_sums =
    "count(DISTINCT CASE WHEN o.state = 1 THEN o.id END), count(DISTINCT CASE WHEN o.state = 2 THEN o.id END), "
    "CAST(sum(CASE WHEN o.state = 1 THEN l.units ELSE 0 END) AS BIGINT), "
    "CAST(sum(CASE WHEN o.state = 2 THEN l.units ELSE 0 END) AS BIGINT), "
    "CAST(sum(CASE WHEN o.state = 1 THEN l.amount_fen ELSE 0 END) AS BIGINT), "
    "CAST(sum(CASE WHEN o.state = 2 THEN l.amount_fen ELSE 0 END) AS BIGINT), "
    "CAST(sum(l.refunded_fen) AS BIGINT), 0, "
    "CAST(sum(CASE WHEN o.state = 1 THEN l.weight_g ELSE 0 END) AS BIGINT), "
    "CAST(sum(CASE WHEN o.state = 2 THEN l.weight_g ELSE 0 END) AS BIGINT), 0 "
    "FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.show_id = ? AND o.state IN (1, 2) AND o.kind <> 4 GROUP BY 1";

SumFigures figures_of(const Row& row, std::size_t first) {
    SumFigures figures{};
    for (std::size_t i = 0; i < figures.size(); ++i) figures[i] = row.integer(first + i);
    return figures;
}

Result<> count_group(Database& database, const std::string& show, SumDimension dimension, const std::string& key,
                     std::map<Key, SumFigures>& counted) {
    const auto rows = database.query("SELECT " + key + ", " + line_sums, {show});
    if (!rows) return rows.error();
    for (const auto& row : *rows) counted[{dimension, row.text(0)}] = figures_of(row, 1);
    return {};
}

Result<std::map<Key, SumFigures>> count(Database& database, const std::string& show) {
    std::map<Key, SumFigures> counted;
    TRY(count_group(database, show, SumDimension::show, "o.show_id", counted));
    TRY(count_group(database, show, SumDimension::origin, "l.origin_code", counted));
    TRY(count_group(database, show, SumDimension::product, "l.product_id", counted));
    const auto rows = database.query(
        "SELECT CAST(coalesce(sum(refund_due_fen), 0) AS BIGINT), count(DISTINCT CASE WHEN state = 2 AND buyer_id <> "
        "'' "
        "THEN buyer_id END) FROM orders WHERE show_id = ?",
        {show});
    if (!rows) return rows.error();
    auto& all = counted[{SumDimension::show, show}];
    all[refund_due_fen] = rows->front().integer(0);
    all[buyers_paid] = rows->front().integer(1);
    return counted;
}

}  // namespace

Result<std::vector<CountedLine>> counted_lines(Database& database, const std::string& order) {
    const auto rows = database.query(
        "SELECT product_id, title, origin_code, origin_name, unit, units, amount_fen, weight_g FROM order_lines WHERE "
        "order_id = ? ORDER BY position",
        {order});
    if (!rows) return rows.error();
    std::vector<CountedLine> lines;
    for (const auto& row : *rows)
        lines.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5),
                         row.integer(6), row.integer(7)});
    return lines;
}

void SalesSums::hold(const std::vector<CountedLine>& lines, std::int64_t orders) {
    if (orders == 0) return;
    has_new_ = true;
    move(lines, orders, 0);
}

void SalesSums::release(const std::vector<CountedLine>& lines) {
    move(lines, -1, 0);
}

void SalesSums::pay(const std::vector<CountedLine>& lines, const std::string& buyer) {
    move(lines, -1, 1);
    if (!buyer.empty()) buyers_.insert(buyer);
}

void SalesSums::refund(const std::vector<CountedLine>& lines) {
    move(lines, 0, 0);
}

void SalesSums::owe_back(std::int64_t amount_fen) {
    has_new_ = true;
    add(changes_[{SumDimension::show, show_}].figures[refund_due_fen], amount_fen);
}

void SalesSums::move(const std::vector<CountedLine>& lines, std::int64_t held, std::int64_t paid) {
    std::set<Key> counted;
    for (const auto& line : lines) {
        SumFigures figures{};
        figures[units_held] = times(held, line.units);
        figures[units_paid] = times(paid, line.units);
        figures[held_fen] = times(held, line.amount_fen);
        figures[paid_fen] = times(paid, line.amount_fen);
        figures[refunded_fen] = line.refunded_fen;
        figures[held_g] = times(held, line.weight_g);
        figures[paid_g] = times(paid, line.weight_g);
        const std::array<std::pair<Key, const std::string*>, 3> places = {
            {{{SumDimension::show, show_}, nullptr},
             {{SumDimension::origin, line.origin_code}, &line.origin_name},
             {{SumDimension::product, line.product}, &line.title}}};
        for (const auto& [key, name] : places) {
            const bool is_first = counted.insert(key).second;
            figures[orders_held] = is_first ? held : 0;
            figures[orders_paid] = is_first ? paid : 0;
            add(key, name ? *name : std::string(), line, figures);
        }
    }
}

void SalesSums::add(Key key, const std::string& name, const CountedLine& line, const SumFigures& figures) {
    auto& change = changes_[std::move(key)];
    if (change.name.empty()) change.name = name;
    if (change.unit.empty()) change.unit = line.unit;
    if (change.unit != line.unit) change.unit = several_units;
    for (std::size_t i = 0; i < figures.size(); ++i) add(change.figures[i], figures[i]);
}

void SalesSums::add(std::int64_t& sum, std::int64_t amount) {
    if (__builtin_add_overflow(sum, amount, &sum)) fits_ = false;
}

std::int64_t SalesSums::times(std::int64_t orders, std::int64_t amount) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(orders, amount, &product)) fits_ = false;
    return product;
}

Result<> SalesSums::write(Database& database) {
    if (!fits_) return make_error_code(Errc::conflict);
    std::vector<std::vector<Value>> buyers, made, moved;
    for (const auto& buyer : buyers_) buyers.push_back({show_, buyer});
    const auto new_buyers = database.execute_rows(
        "INSERT INTO show_buyers (show_id, buyer_id) VALUES (?, ?) ON CONFLICT DO NOTHING", buyers);
    if (!new_buyers) return new_buyers.error();
    if (*new_buyers > 0) changes_[{SumDimension::show, show_}].figures[buyers_paid] += *new_buyers;
    for (const auto& [key, change] : changes_) {
        const auto dimension = static_cast<std::int64_t>(key.first);
        if (has_new_)
            made.push_back(
                {show_, dimension, key.second, change.name, change.unit == several_units ? "" : change.unit});
        std::vector<Value> row(change.figures.begin(), change.figures.end());
        row.insert(row.end(), {change.unit, show_, dimension, key.second});
        moved.push_back(std::move(row));
    }
    TRY(database.execute_rows(
        "INSERT INTO sales_sums (show_id, dimension, key, name, unit) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        made));
    TRY(database.execute_rows(
        "UPDATE sales_sums SET orders_held = orders_held + ?, orders_paid = orders_paid + ?, units_held = units_held + "
        "?, units_paid = units_paid + ?, held_fen = held_fen + ?, paid_fen = paid_fen + ?, refunded_fen = refunded_fen "
        "+ "
        "?, refund_due_fen = refund_due_fen + ?, held_g = held_g + ?, paid_g = paid_g + ?, buyers_paid = buyers_paid + "
        "?, "
        "unit = CASE WHEN ? IN ('', unit) THEN unit ELSE '' END WHERE show_id = ? AND dimension = ? AND key = ?",
        moved));
    *this = SalesSums(std::move(show_));
    return {};
}

Result<std::vector<SumDifference>> recount_sums(Database& database, const std::string& show) {
    auto counted = count(database, show);
    if (!counted) return counted.error();
    std::string columns;
    for (const auto* name : sum_figure_names) columns += std::string(", ") + name;
    const auto rows = database.query("SELECT dimension, key" + columns + " FROM sales_sums WHERE show_id = ?", {show});
    if (!rows) return rows.error();
    std::map<Key, SumFigures> kept;
    for (const auto& row : *rows) {
        const Key key{static_cast<SumDimension>(row.integer(0)), row.text(1)};
        kept[key] = figures_of(row, 2);
        counted->try_emplace(key);
    }
    std::vector<SumDifference> differences;
    for (const auto& [key, figures] : *counted)
        for (std::size_t i = 0; i < figures.size(); ++i)
            if (const auto other = kept[key][i]; figures[i] != other)
                differences.push_back(
                    {std::string("sum ") + sum_figure_names[i] + " of " + key.second, figures[i], other});
    return differences;
}

#undef TRY

}  // namespace livefair::ledger
