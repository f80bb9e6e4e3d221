#include "ledger/totals.hpp"

#include <livefair/v1/order.pb.h>

namespace livefair::ledger {

namespace {

/// Sums over order lines, grouped; 1 and 2 are the numbers of RESERVED and PAID. An order counts once in each group
/// that it has lines in.
constexpr const char* line_sums =
    "count(DISTINCT CASE WHEN o.state = 1 THEN o.id END), count(DISTINCT CASE WHEN o.state = 2 THEN o.id END), "
    "sum(CASE WHEN o.state = 1 THEN l.units ELSE 0 END), sum(CASE WHEN o.state = 2 THEN l.units ELSE 0 END), "
    "sum(CASE WHEN o.state = 1 THEN l.amount_fen ELSE 0 END), sum(CASE WHEN o.state = 2 THEN l.amount_fen ELSE 0 END), "
    "sum(CASE WHEN o.state = 2 THEN l.weight_g ELSE 0 END), min(l.unit), max(l.unit) "
    "FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.show_id = ? ";

void read_sums(const Row& row, std::size_t first, v1::Total& total) {
    total.set_orders_reserved(row.integer(first));
    total.set_orders_paid(row.integer(first + 1));
    total.set_units_reserved(row.integer(first + 2));
    total.set_units_paid(row.integer(first + 3));
    total.set_reserved_fen(row.integer(first + 4));
    total.set_paid_fen(row.integer(first + 5));
    total.set_weight_paid_g(row.integer(first + 6));
    if (row.text(first + 7) == row.text(first + 8)) total.set_unit(row.text(first + 7));
}

/// One total for each value of `key`, a column of the line; `name` is shown for it.
template <class Totals>
Result<> read_groups(Database& database, const ShowId& show, const std::string& key, const std::string& name,
                     Totals& totals) {
    const auto rows = database.query(
        "SELECT l." + key + ", max(l." + name + "), " + line_sums + "GROUP BY l." + key + " ORDER BY l." + key,
        {show.str()});
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        auto& total = *totals.Add();
        total.set_key(row.text(0));
        total.set_name(row.text(1));
        read_sums(row, 2, total);
    }
    return {};
}

Result<> read_show(Database& database, const ShowId& show, v1::ShowTotals& totals) {
    const auto title = database.query("SELECT title FROM shows WHERE id = ?", {show.str()});
    if (!title) return title.error();
    if (title->empty()) return make_error_code(Errc::not_found);
    const auto sums = database.query(std::string("SELECT ") + line_sums, {show.str()});
    if (!sums) return sums.error();
    const auto people = database.query(
        "SELECT count(DISTINCT CASE WHEN state = 2 THEN buyer_id END), sum(refund_due_fen) FROM orders WHERE show_id = "
        "?",
        {show.str()});
    if (!people) return people.error();
    totals.mutable_show()->set_key(show.str());
    totals.mutable_show()->set_name(title->front().text(0));
    read_sums(sums->front(), 0, *totals.mutable_show());
    totals.mutable_show()->set_refund_due_fen(people->front().integer(1));
    totals.set_buyers_paid(people->front().integer(0));
    return {};
}

}  // namespace

Result<v1::ShowTotals> totals_of_show(Database& database, const ShowId& show, std::int64_t as_of_ms) {
    v1::ShowTotals totals;
    totals.set_show_id(show.str());
    totals.set_as_of_ms(as_of_ms);
    if (const auto read = read_show(database, show, totals); !read) return read.error();
    if (const auto read = read_groups(database, show, "origin_code", "origin_name", *totals.mutable_cities()); !read)
        return read.error();
    if (const auto read = read_groups(database, show, "product_id", "title", *totals.mutable_products()); !read)
        return read.error();
    return totals;
}

}  // namespace livefair::ledger
