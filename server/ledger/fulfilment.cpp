#include "ledger/fulfilment.hpp"

#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "ledger/consignees.hpp"

namespace livefair::ledger {
namespace {

constexpr std::array<const char*, progress_count> event_kinds = {"",     "packed",    "shipped",
                                                                 "done", "refunding", "refunded"};

/// What a buyer is told of; all else is the ledger's own affair. The detail of a refund's events is its id, and behind it
/// the reference when staff gave the money back.
constexpr const char* goods_kinds =
    "'placed', 'paid', 'expired', 'cancelled', 'refused', 'refund_due', 'packed', 'shipped', 'tracking_corrected', 'done'";
constexpr const char* refund_kinds =
    "'refund_asked', 'refund_accepted', 'refund_declined', 'refund_paid', 'refund_failed'";

/// Only from the progress that was read: with PostgreSQL two members of staff may be at it at once.
Result<StepOutcome> move(Database& database, const Step& step, std::int64_t from) {
    const auto moved = database.execute(
        "UPDATE orders SET progress = ?, carrier = CASE WHEN ? = 2 THEN ? ELSE carrier END, tracking_number = CASE "
        "WHEN "
        "? = 2 THEN ? ELSE tracking_number END WHERE id = ? AND state = 2 AND progress = ?",
        {static_cast<std::int64_t>(step.to), static_cast<std::int64_t>(step.to), step.carrier,
         static_cast<std::int64_t>(step.to), step.tracking_number, step.order.str(), from});
    if (!moved) return moved.error();
    return *moved == 1 ? StepOutcome::taken : StepOutcome::illegal;
}

std::string shipment_text(const Step& step) {
    return step.to == Progress::shipped ? step.carrier + " " + step.tracking_number : std::string();
}

/// shipment_text() read again: a carrier may have spaces, a number has none.
void read_shipment(const std::string& text, v1::OwnOrderEvent& event) {
    const auto space = text.rfind(' ');
    if (space == std::string::npos) return;
    event.set_carrier(text.substr(0, space));
    event.set_tracking_number(text.substr(space + 1));
}

/// The text as a pattern of LIKE ... ESCAPE '!' that stands for itself.
std::string like(const std::string& text) {
    std::string pattern;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '!') pattern += '!';
        pattern += c;
    }
    return pattern;
}

Result<StepOutcome> note_step(Database& database, const Step& step, const std::string& kind) {
    const auto noted =
        note_event(database, {{}, step.show, step.order, kind, shipment_text(step), step.by, step.why, step.at_ms});
    if (!noted) return noted.error();
    return StepOutcome::taken;
}

/// The step was taken before; a parcel may get another number, because numbers are mistyped. An order that has no carrier
/// was shipped consignee by consignee: each has its own.
Result<StepOutcome> repeat(Database& database, const Step& step, const Row& order) {
    const bool is_same = order.text(2) == step.carrier && order.text(3) == step.tracking_number;
    if (step.to != Progress::shipped || is_same || order.text(2).empty()) return StepOutcome::repeated;
    const auto moved = move(database, step, order.integer(1));
    if (!moved || *moved != StepOutcome::taken) return moved;
    const auto corrected = correct_consignees(database, step, order.text(2), order.text(3));
    if (!corrected) return corrected.error();
    return note_step(database, step, "tracking_corrected");
}

}  // namespace

Result<StepOutcome> take_step(Database& database, const Step& step) {
    const auto rows =
        database.query("SELECT state, progress, carrier, tracking_number, quantity - refunded_quantity FROM orders WHERE "
                       "id = ? AND show_id = ?",
                       {step.order.str(), step.show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& order = rows->front();
    const auto from = static_cast<Progress>(order.integer(1));
    if (static_cast<OrderState>(order.integer(0)) != OrderState::paid) return StepOutcome::illegal;
    if (from == step.to) return repeat(database, step, order);
    if (!may_follow(from, step.to)) return StepOutcome::illegal;
    if (step.to != Progress::done && order.integer(4) == 0) return StepOutcome::goods_refunded;
    const auto waiting = database.query("SELECT 1 FROM refunds WHERE order_id = ? AND state = 1", {step.order.str()});
    if (!waiting) return waiting.error();
    if (step.to != Progress::done && !waiting->empty()) return StepOutcome::refund_waits;
    const auto moved = move(database, step, order.integer(1));
    if (!moved || *moved != StepOutcome::taken) return moved;
    if (const auto followed = move_consignees(database, step); !followed) return followed.error();
    return note_step(database, step, event_kinds[static_cast<std::size_t>(step.to)]);
}

Result<> note_event(Database& database, const LedgerEvent& event) {
    const auto noted = database.execute(
        "INSERT INTO order_events (show_id, stream_id, place, order_id, kind, at_ms, detail, by_account, why) "
        "VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)",
        {event.show.str(), event.id.empty() ? "led-" + random_hex(12) : event.id, event.order.str(), event.kind,
         event.at_ms, event.detail, event.by.str(), event.why});
    if (!noted) return noted.error();
    return {};
}

Result<v1::OrderHistory> history_of_order(Database& database, const ShowId& show, const OrderId& order) {
    const auto known = database.query("SELECT 1 FROM orders WHERE id = ? AND show_id = ?", {order.str(), show.str()});
    if (!known) return known.error();
    if (known->empty()) return make_error_code(Errc::not_found);
    const auto rows = database.query(
        "SELECT e.kind, e.at_ms, e.by_account, a.nickname, e.why, e.detail FROM order_events e LEFT JOIN accounts a ON "
        "a.id = e.by_account WHERE e.order_id = ? ORDER BY e.at_ms, length(e.stream_id), e.stream_id LIMIT 1000",
        {order.str()});
    if (!rows) return rows.error();
    v1::OrderHistory history;
    for (const auto& row : *rows) {
        auto& event = *history.add_events();
        event.set_kind(row.text(0));
        event.set_at_ms(row.integer(1));
        event.set_by_account(row.text(2));
        event.set_by_name(row.text(3));
        event.set_why(row.text(4));
        event.set_detail(row.text(5));
    }
    return history;
}

Result<v1::OwnOrderHistory> history_of_own_order(Database& database, const OrderId& order, const AccountId& buyer) {
    const auto known = database.query("SELECT 1 FROM orders WHERE id = ? AND buyer_id = ? AND buyer_id <> ''",
                                      {order.str(), buyer.str()});
    if (!known) return known.error();
    if (known->empty()) return make_error_code(Errc::not_found);
    const std::string of_refunds = refund_kinds, of_goods = goods_kinds;
    const auto rows = database.query(
        "SELECT e.kind, e.at_ms, e.detail, r.amount_fen FROM order_events e LEFT JOIN refunds r ON e.detail IN (r.id, r.id || ' ' || r.reference) AND "
        "r.order_id = e.order_id AND e.kind IN (" + of_refunds + ") WHERE e.order_id = ? AND e.kind IN (" + of_goods +
            ", " + of_refunds + ") ORDER BY e.at_ms, length(e.stream_id), e.stream_id LIMIT 1000",
        {order.str()});
    if (!rows) return rows.error();
    v1::OwnOrderHistory history;
    for (const auto& row : *rows) {
        auto& event = *history.add_events();
        event.set_kind(row.text(0));
        event.set_at_ms(row.integer(1));
        event.set_amount_fen(row.integer(3));
        if (event.kind() == "shipped" || event.kind() == "tracking_corrected") read_shipment(row.text(2), event);
    }
    return history;
}

Result<v1::ListOrdersResponse> list_orders_of_show(Database& database, const ShowId& show, const OrderFilter& filter) {
    const auto state = std::int64_t{filter.state};
    const auto& text = filter.text;
    const auto begins = like(text) + "%", contains = "%" + begins;
    // The nickname and the count are scalars, so that no database reads all accounts or parcels instead of the order's.
    const auto rows = database.query(
        "SELECT o.id FROM orders o WHERE o.show_id = ? AND o.id > ? AND (? = 0 OR CASE WHEN o.state = 2 AND o.progress > 0 "
        "THEN 5 + o.progress ELSE o.state END = ?) AND (? = '' OR lower(o.id) LIKE lower(?) ESCAPE '!' OR "
        "lower(o.tracking_number) = lower(?) OR lower((SELECT a.nickname FROM accounts a WHERE a.id = o.buyer_id)) LIKE "
        "lower(?) ESCAPE '!' OR (o.kind > 1 AND (SELECT count(*) FROM order_consignees c WHERE c.order_id = o.id "
        "AND lower(c.tracking_number) = lower(?)) > 0)) ORDER BY o.id LIMIT ?",
        {show.str(), filter.after.str(), state, state, text, begins, text, contains, text,
         std::clamp<std::int64_t>(filter.count, 1, 200)});
    if (!rows) return rows.error();
    v1::ListOrdersResponse response;
    for (const auto& row : *rows) {
        auto order = find_order(database, OrderId(row.text(0)), AccountId());
        if (!order) return order.error();
        mask_address(*order->mutable_address());
        *response.add_orders() = std::move(*order);
    }
    return response;
}

}  // namespace livefair::ledger
