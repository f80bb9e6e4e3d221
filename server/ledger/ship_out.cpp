#include "ledger/ship_out.hpp"

#include "table/csv.hpp"

namespace livefair::ledger {
namespace {

/// What of an order the rows need; its lines follow one another, those of each consignee together.
constexpr const char* lines_of_orders =
    "SELECT o.id, coalesce(c.recipient, o.recipient), coalesce(c.phone, o.phone), coalesce(c.region_name, "
    "o.region_name), coalesce(c.detail, o.detail), l.title, "
    "CASE WHEN c.count IS NULL THEN l.units - l.refunded_units ELSE l.units / d.count * c.count END, l.unit, "
    "CASE WHEN c.count IS NOT NULL THEN l.weight_g / d.count * c.count WHEN l.refunded_units = 0 THEN l.weight_g "
    "ELSE l.weight_g / l.units * (l.units - l.refunded_units) END, coalesce(c.unit_name, '') "
    "FROM orders o JOIN order_lines l ON l.order_id = o.id LEFT JOIN products p ON p.id = l.product_id "
    "LEFT JOIN direct_orders d ON d.order_id = o.id LEFT JOIN order_consignees c ON c.order_id = o.id "
    "WHERE o.show_id = ? AND o.id > ? AND o.id <= ? AND o.state = 2 AND o.progress < 2 AND l.units > l.refunded_units "
    "AND coalesce(c.state, 1) = 1 "
    "AND NOT EXISTS (SELECT 1 FROM refunds f WHERE f.order_id = o.id AND f.state = 1) AND (? = '' OR "
    "CASE WHEN l.supplier_id <> '' THEN l.supplier_id ELSE coalesce(p.supplier_id, '') END = ?) "
    "ORDER BY o.id, c.position, l.position";

/// However few of them are listed, so that neither a rare supplier nor the writer waits long.
constexpr std::int64_t orders_a_page = 500;

/// The last of the next orders to send; empty when there is none.
Result<OrderId> end_of_page(Database& database, const ShowId& show, const OrderId& after) {
    const auto rows = database.query(
        "SELECT max(page.id) FROM (SELECT id FROM orders WHERE show_id = ? AND id > ? AND state = 2 AND progress < 2 "
        "ORDER BY id LIMIT ?) page",
        {show.str(), after.str(), orders_a_page});
    if (!rows) return rows.error();
    return OrderId(rows->front().text(0));
}

}  // namespace

std::string ship_out_header() {
    return table::csv_row(
        {"订单号", "收件人", "电话", "地区", "地址", "商品", "数量", "单位", "净重(克)", "承运人", "运单号"});
}

Result<ShipOutPage> ship_out_page(Database& database, const std::string& supplier, const PersonalLook& look,
                                  const OrderId& after, std::int64_t count) {
    const auto last = end_of_page(database, look.show, after);
    if (!last) return last.error();
    ShipOutPage page;
    page.last = *last;
    if (last->empty()) return page;
    const auto rows = database.query(lines_of_orders, {look.show.str(), after.str(), last->str(), supplier, supplier});
    if (!rows) return rows.error();
    OrderId listed;
    for (const auto& row : *rows) {
        if (listed.str() != row.text(0)) {
            if (page.orders == count) {
                page.last = listed;
                break;
            }
            listed = OrderId(row.text(0));
            auto one = look;
            one.order = listed;
            if (const auto written = note_look(database, one); !written) return written.error();
            ++page.orders;
        }
        const auto recipient = open_personal(database, row.text(1)), phone = open_personal(database, row.text(2)),
                   detail = open_personal(database, row.text(4));
        if (!recipient || !phone || !detail) return make_error_code(Errc::internal);
        const auto place = row.text(9).empty() ? *detail : *detail + "（" + row.text(9) + "）";
        page.rows +=
            table::csv_row({row.text(0), *recipient, *phone, row.text(3), place, row.text(5),
                            std::to_string(row.integer(6)), row.text(7), std::to_string(row.integer(8)), "", ""});
    }
    return page;
}

}  // namespace livefair::ledger
