#include "ledger/orders.hpp"

#include <livefair/v1/order.pb.h>

#include <algorithm>

#include "ledger/people.hpp"
#include "ledger/personal.hpp"
#include "ledger/progress.hpp"

namespace livefair::ledger {

namespace {

constexpr const char* order_columns =
    "SELECT id, show_id, offer_id, title, quantity, unit_price_fen, amount_fen, state, placed_ms, hold_until_ms, "
    "paid_ms, refund_due_fen, "
    "address_id, recipient, phone, region_code, region_name, detail, progress, carrier, tracking_number, refunded_fen, "
    "kind, organisation_id, offer_version, subsidy_fen, fund_id, deliver_from_ms, deliver_until_ms, ship_by_ms, without_gift FROM orders ";

Result<> read_address(Database& database, const Row& row, v1::Address& address) {
    const auto recipient = open_personal(database, row.text(13)), phone = open_personal(database, row.text(14)),
               detail = open_personal(database, row.text(17));
    if (!recipient || !phone || !detail) return make_error_code(Errc::internal);
    address.set_id(row.text(12));
    address.set_recipient(*recipient);
    address.set_phone(mask_phone(*phone));
    address.set_region_code(row.text(15));
    address.set_region_name(row.text(16));
    address.set_detail(*detail);
    return {};
}

void read_terms(const Row& row, v1::FrozenTerms& terms) {
    terms.set_offer_version(row.integer(24));
    terms.set_subsidy_fen(row.integer(25));
    terms.set_fund_id(row.text(26));
    terms.set_deliver_from_ms(row.integer(27));
    terms.set_deliver_until_ms(row.integer(28));
    terms.set_ship_by_ms(row.integer(29));
    terms.set_without_gift(row.integer(30) != 0);
}

Result<> read_lines(Database& database, v1::Order& order) {
    const auto rows = database.query(
        "SELECT product_id, title, units, amount_fen, weight_g, origin_code, origin_name, unit FROM order_lines WHERE "
        "order_id = ? ORDER BY position",
        {order.id()});
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        auto& line = *order.add_lines();
        line.set_product_id(row.text(0));
        line.set_title(row.text(1));
        line.set_units(row.integer(2));
        line.set_amount_fen(row.integer(3));
        line.set_weight_g(row.integer(4));
        line.set_origin_code(row.text(5));
        line.set_origin_name(row.text(6));
    }
    order.set_unit(rows->size() == 1 ? rows->front().text(7) : "份");
    return {};
}

Result<v1::Order> read_order(Database& database, const Row& row) {
    v1::Order order;
    order.set_id(row.text(0));
    order.set_show_id(row.text(1));
    order.set_offer_id(row.text(2));
    order.set_title(row.text(3));
    order.set_quantity(row.integer(4));
    order.set_unit_price_fen(row.integer(5));
    order.set_amount_fen(row.integer(6));
    order.set_state(static_cast<v1::OrderState>(
        shown_state(static_cast<OrderState>(row.integer(7)), static_cast<Progress>(row.integer(18)))));
    order.set_placed_ms(row.integer(8));
    order.set_hold_until_ms(row.integer(9));
    order.set_paid_ms(row.integer(10));
    order.set_refund_due_fen(row.integer(11));
    order.set_carrier(row.text(19));
    order.set_tracking_number(row.text(20));
    order.set_refunded_fen(row.integer(21));
    order.set_kind(static_cast<v1::OrderKind>(row.integer(22)));
    order.set_organisation_id(row.text(23));
    read_terms(row, *order.mutable_terms());
    if (const auto read = read_address(database, row, *order.mutable_address()); !read) return read.error();
    if (const auto lines = read_lines(database, order); !lines) return lines.error();
    return order;
}

}  // namespace

void mask_address(v1::Address& address) {
    address.set_recipient(mask_name(address.recipient()));
    address.set_phone(mask_phone(address.phone()));
    address.set_detail(address.detail().empty() ? "" : "****");
}

Result<v1::Order> find_order(Database& database, const OrderId& order, const AccountId& buyer) {
    const std::string sql = order_columns;
    const auto rows =
        database.query(sql + "WHERE id = ? AND (buyer_id = ? OR ? = '')", {order.str(), buyer.str(), buyer.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    return read_order(database, rows->front());
}

Result<std::vector<v1::Order>> list_orders(Database& database, const AccountId& buyer, std::int64_t count) {
    const std::string sql = order_columns;
    const auto rows = database.query(sql + "WHERE buyer_id = ? ORDER BY placed_ms DESC, id LIMIT ?",
                                     {buyer.str(), std::clamp<std::int64_t>(count, 1, 200)});
    if (!rows) return rows.error();
    std::vector<v1::Order> orders;
    for (const auto& row : *rows) {
        auto order = read_order(database, row);
        if (!order) return order.error();
        orders.push_back(std::move(*order));
    }
    return orders;
}

Result<std::optional<PlacedOrder>> find_placed(Database& database, const OrderId& order) {
    const auto rows = database.query(
        "SELECT show_id, offer_id, buyer_id, address_id, quantity, unit_price_fen, amount_fen, placed_ms, "
        "hold_until_ms, left_after, state, without_gift "
        "FROM orders WHERE id = ?",
        {order.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return std::optional<PlacedOrder>();
    const auto& row = rows->front();
    return std::optional(PlacedOrder{order, ShowId(row.text(0)), OfferId(row.text(1)), AccountId(row.text(2)),
                                     AddressId(row.text(3)), row.integer(4), row.integer(5), row.integer(6),
                                     row.integer(7), row.integer(8), row.integer(9),
                                     static_cast<OrderState>(row.integer(10)), row.integer(11) != 0});
}

Result<bool> owns_address(Database& database, const AccountId& buyer, const AddressId& address) {
    const auto rows =
        database.query("SELECT 1 FROM addresses WHERE id = ? AND account_id = ?", {address.str(), buyer.str()});
    // An error code converts to bool, so it has to be named as the error.
    if (!rows) return Result<bool>(boost::system::in_place_error, rows.error());
    return !rows->empty();
}

}  // namespace livefair::ledger
