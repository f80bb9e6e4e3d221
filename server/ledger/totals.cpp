#include "ledger/totals.hpp"

#include <livefair/v1/order.pb.h>

#include "ledger/sales_sums.hpp"

namespace livefair::ledger {

namespace {

constexpr const char* select_sums =
    "SELECT dimension, key, name, unit, orders_held, orders_paid, units_held, units_paid, held_fen, paid_fen, "
    "refund_due_fen, paid_g, buyers_paid, refunded_fen FROM sales_sums WHERE show_id = ? ORDER BY dimension, key";

void read_sums(const Row& row, v1::Total& total) {
    total.set_key(row.text(1));
    total.set_name(row.text(2));
    total.set_unit(row.text(3));
    total.set_orders_reserved(row.integer(4));
    total.set_orders_paid(row.integer(5));
    total.set_units_reserved(row.integer(6));
    total.set_units_paid(row.integer(7));
    total.set_reserved_fen(row.integer(8));
    total.set_paid_fen(row.integer(9));
    total.set_refund_due_fen(row.integer(10));
    total.set_weight_paid_g(row.integer(11));
    total.set_refunded_fen(row.integer(13));
}

}  // namespace

Result<v1::ShowTotals> totals_of_show(Database& database, const ShowId& show, std::int64_t as_of_ms) {
    const auto title = database.query("SELECT title FROM shows WHERE id = ?", {show.str()});
    if (!title) return title.error();
    if (title->empty()) return make_error_code(Errc::not_found);
    const auto rows = database.query(select_sums, {show.str()});
    if (!rows) return rows.error();
    v1::ShowTotals totals;
    totals.set_show_id(show.str());
    totals.set_as_of_ms(as_of_ms);
    totals.mutable_show()->set_key(show.str());
    for (const auto& row : *rows) {
        const auto dimension = static_cast<SumDimension>(row.integer(0));
        if (dimension == SumDimension::origin) read_sums(row, *totals.add_cities());
        if (dimension == SumDimension::product) read_sums(row, *totals.add_products());
        if (dimension != SumDimension::show) continue;
        read_sums(row, *totals.mutable_show());
        totals.set_buyers_paid(row.integer(12));
    }
    totals.mutable_show()->set_name(title->front().text(0));
    return totals;
}

}  // namespace livefair::ledger
