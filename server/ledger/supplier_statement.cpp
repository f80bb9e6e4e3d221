#include "ledger/supplier_statement.hpp"

#include <livefair/v1/payment.pb.h>

namespace livefair::ledger {

Result<v1::SupplierStatement> statement_of_show(Database& database, const ShowId& show, std::int64_t as_of_ms) {
    const auto known = database.query("SELECT 1 FROM shows WHERE id = ?", {show.str()});
    if (!known) return known.error();
    if (known->empty()) return make_error_code(Errc::not_found);
    // Suppliers without an organisation are told apart by the name on their products.
    const auto rows = database.query(
        "SELECT d.supplier, max(d.name), d.kind, count(DISTINCT d.order_id), CAST(sum(d.units) AS BIGINT), "
        "CAST(sum(d.paid) AS BIGINT), CAST(sum(d.refunded) AS BIGINT), CAST(sum(d.subsidy) AS BIGINT) FROM (SELECT "
        "CASE "
        "WHEN l.supplier_id <> '' THEN l.supplier_id ELSE coalesce(p.supplier_id, '') END AS supplier, "
        "coalesce(g.name, p.supplier_name, '') AS name, o.kind AS kind, o.id AS order_id, l.units - l.refunded_units "
        "AS "
        "units, l.amount_fen AS paid, l.refunded_fen AS refunded, l.subsidy_fen * (l.units - l.refunded_units) / "
        "l.units "
        "AS subsidy FROM orders o JOIN order_lines l ON l.order_id = o.id LEFT JOIN products p ON p.id = l.product_id "
        "LEFT JOIN organisations g ON g.id = CASE WHEN l.supplier_id <> '' THEN l.supplier_id ELSE p.supplier_id END "
        "WHERE o.show_id = ? AND o.state = 2) d GROUP BY d.supplier, CASE WHEN d.supplier = '' THEN d.name ELSE '' "
        "END, "
        "d.kind ORDER BY d.supplier, max(d.name), d.kind",
        {show.str()});
    if (!rows) return rows.error();
    v1::SupplierStatement statement;
    statement.set_show_id(show.str());
    statement.set_as_of_ms(as_of_ms);
    std::int64_t due_fen = 0;
    for (const auto& row : *rows) {
        auto& line = *statement.add_suppliers();
        line.set_supplier_id(row.text(0));
        line.set_supplier_name(row.text(1));
        line.set_kind(static_cast<std::int32_t>(row.integer(2)));
        line.set_orders(row.integer(3));
        line.set_units(row.integer(4));
        line.set_paid_fen(row.integer(5));
        line.set_refunded_fen(row.integer(6));
        line.set_subsidy_fen(row.integer(7));
        line.set_due_fen(row.integer(5) - row.integer(6) + row.integer(7));
        due_fen += line.due_fen();
    }
    statement.set_due_fen(due_fen);
    statement.set_note_zh("应付清单，不是转账：货款由支付机构直接结算给供应商，不进入平台账户。");
    statement.set_note_en(
        "A statement, not a transfer: the payment provider settles with the suppliers; no money enters the platform's "
        "account.");
    return statement;
}

}  // namespace livefair::ledger
