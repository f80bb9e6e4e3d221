#include <livefair/v1/order.pb.h>

#include "ledger/refunds.hpp"

namespace livefair::ledger {
namespace {

constexpr const char* columns =
    "SELECT id, show_id, order_id, quantity, amount_fen, state, restock, why, asked_by, asked_ms, decided_by, "
    "decided_ms, "
    "decided_why, settled_ms, reference FROM refunds ";

void fill(const Row& row, v1::Refund& refund) {
    refund.set_id(row.text(0));
    refund.set_show_id(row.text(1));
    refund.set_order_id(row.text(2));
    refund.set_quantity(row.integer(3));
    refund.set_amount_fen(row.integer(4));
    refund.set_state(static_cast<v1::RefundState>(row.integer(5)));
    refund.set_restocks(row.integer(6) > 0);
    refund.set_why(row.text(7));
    refund.set_asked_by(row.text(8));
    refund.set_asked_ms(row.integer(9));
    refund.set_decided_by(row.text(10));
    refund.set_decided_ms(row.integer(11));
    refund.set_decided_why(row.text(12));
    refund.set_settled_ms(row.integer(13));
    refund.set_reference(row.text(14));
}

}  // namespace

Result<v1::Refund> find_refund(Database& database, const std::string& id) {
    const auto rows = database.query(std::string(columns) + "WHERE id = ?", {id});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    v1::Refund refund;
    fill(rows->front(), refund);
    return refund;
}

Result<v1::ListRefundsResponse> list_refunds(Database& database, const ShowId& show, const OrderId& order, int state) {
    const auto rows = database.query(std::string(columns) +
                                         "WHERE show_id = ? AND (order_id = ? OR ? = '') AND (state = ? OR ? = 0) "
                                         "ORDER BY asked_ms DESC, id LIMIT 200",
                                     {show.str(), order.str(), order.str(), std::int64_t{state}, std::int64_t{state}});
    if (!rows) return rows.error();
    v1::ListRefundsResponse response;
    for (const auto& row : *rows) fill(row, *response.add_refunds());
    return response;
}

}  // namespace livefair::ledger
