#include "ledger/consignees.hpp"

#include <livefair/v1/bulk.pb.h>

#include <algorithm>

#include "base/random.hpp"
#include "ledger/people.hpp"
#include "ledger/personal.hpp"

namespace livefair::ledger {
namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

constexpr const char* columns =
    "SELECT position, unit_name, recipient, phone, region_code, region_name, detail, count, state, carrier, "
    "tracking_number, shipped_ms, received_ms FROM order_consignees ";

Result<v1::Consignee> read_consignee(Database& database, const Row& row) {
    const auto recipient = open_personal(database, row.text(2)), phone = open_personal(database, row.text(3)),
               detail = open_personal(database, row.text(6));
    if (!recipient || !phone || !detail) return make_error_code(Errc::internal);
    v1::Consignee to;
    to.set_position(static_cast<std::int32_t>(row.integer(0)));
    to.set_unit_name(row.text(1));
    to.set_recipient(*recipient);
    to.set_phone(*phone);
    to.set_region_code(row.text(4));
    to.set_region_name(row.text(5));
    to.set_detail(*detail);
    to.set_count(row.integer(7));
    to.set_state(static_cast<v1::ConsigneeState>(row.integer(8)));
    to.set_carrier(row.text(9));
    to.set_tracking_number(row.text(10));
    to.set_shipped_ms(row.integer(11));
    to.set_received_ms(row.integer(12));
    return to;
}

Result<std::vector<v1::Consignee>> read_consignees(Database& database, const OrderId& order) {
    const auto rows = database.query(std::string(columns) + "WHERE order_id = ? ORDER BY position", {order.str()});
    if (!rows) return rows.error();
    std::vector<v1::Consignee> consignees;
    for (const auto& row : *rows) {
        auto to = read_consignee(database, row);
        if (!to) return to.error();
        consignees.push_back(std::move(*to));
    }
    return consignees;
}

bool is_same_place(const v1::Consignee& one, const v1::Consignee& other) {
    return one.unit_name() == other.unit_name() && one.recipient() == other.recipient() &&
           one.phone() == other.phone() && one.region_code() == other.region_code() &&
           one.region_name() == other.region_name() && one.detail() == other.detail() && one.count() == other.count();
}

Result<> insert_consignee(Database& database, const OrderId& order, std::int64_t position, const v1::Consignee& to) {
    const auto recipient = seal_personal(database, to.recipient()), phone = seal_personal(database, to.phone()),
               detail = seal_personal(database, to.detail());
    if (!recipient || !phone || !detail) return make_error_code(Errc::internal);
    TRY(
        database.execute("INSERT INTO order_consignees (order_id, position, unit_name, recipient, phone, region_code, "
                         "region_name, detail, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         {order.str(), position, to.unit_name(), *recipient, *phone, to.region_code(),
                          to.region_name(), *detail, to.count()}));
    return {};
}

/// One consignee and the order that it is of.
struct Part {
    OrderState state = OrderState::reserved;
    Progress progress = Progress::none;
    ConsigneeState at = ConsigneeState::waiting;
    std::string carrier, tracking_number, unit_name;
    std::int64_t quantity_left = 0;  ///< Of the order; 0: refunds took the goods out of it.
};

Result<Part> read_part(Database& database, const Step& step, std::int64_t position) {
    const auto rows = database.query(
        "SELECT o.state, o.progress, c.state, c.carrier, c.tracking_number, c.unit_name, o.quantity - "
        "o.refunded_quantity FROM orders o JOIN order_consignees c ON c.order_id = o.id WHERE o.id = ? AND o.show_id = ? AND c.position = ?",
        {step.order.str(), step.show.str(), position});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    return Part{static_cast<OrderState>(row.integer(0)),
                static_cast<Progress>(row.integer(1)),
                static_cast<ConsigneeState>(row.integer(2)),
                row.text(3),
                row.text(4),
                row.text(5),
                row.integer(6)};
}

ConsigneeState wanted_by(const Step& step) {
    return step.to == Progress::shipped ? ConsigneeState::shipped : ConsigneeState::received;
}

/// Only from the state that was read: with PostgreSQL two members of staff may be at it at once.
Result<> move_part(Database& database, const Step& step, std::int64_t position, ConsigneeState from) {
    const auto where = " WHERE order_id = ? AND position = ? AND state = ?";
    const auto at = static_cast<std::int64_t>(from);
    const auto moved =
        step.to == Progress::shipped
            ? database.execute(std::string("UPDATE order_consignees SET state = 2, carrier = ?, tracking_number = ?, "
                                           "shipped_ms = CASE WHEN state = 1 THEN ? ELSE shipped_ms END") +
                                   where,
                               {step.carrier, step.tracking_number, step.at_ms, step.order.str(), position, at})
            : database.execute(std::string("UPDATE order_consignees SET state = 3, received_ms = ?") + where,
                               {step.at_ms, step.order.str(), position, at});
    if (!moved) return moved.error();
    if (*moved == 0) return make_error_code(Errc::conflict);
    return {};
}

Result<> note_part(Database& database, const Step& step, std::int64_t position, const Part& part,
                   const std::string& kind) {
    auto detail = std::to_string(position) + " " + part.unit_name;
    if (step.to == Progress::shipped) detail += " " + step.carrier + " " + step.tracking_number;
    return note_event(database, {{}, step.show, step.order, kind, detail, step.by, step.why, step.at_ms});
}

/// The order follows its last consignee.
Result<> move_order(Database& database, const Step& step, Progress from) {
    const auto behind = database.query("SELECT 1 FROM order_consignees WHERE order_id = ? AND state < ? LIMIT 1",
                                       {step.order.str(), static_cast<std::int64_t>(wanted_by(step))});
    if (!behind) return behind.error();
    if (!behind->empty() || !may_follow(from, step.to)) return {};
    const auto moved = database.execute(
        "UPDATE orders SET progress = ? WHERE id = ? AND state = 2 AND progress = ?",
        {static_cast<std::int64_t>(step.to), step.order.str(), static_cast<std::int64_t>(from)});
    if (!moved) return moved.error();
    if (*moved == 0) return make_error_code(Errc::conflict);
    const std::string kind = step.to == Progress::shipped ? "shipped" : "done";
    // A longer id than that of the part's own note stands behind it in the history.
    const auto id = "led-last-consignee-" + kind + "-" + random_hex(12);
    return note_event(database, {id, step.show, step.order, kind, {}, step.by, step.why, step.at_ms});
}

}  // namespace

bool do_consignees_add_up(const Consignees& consignees, std::int64_t count) {
    std::int64_t sum = 0;
    for (const auto& to : consignees) sum += to.count();
    return sum == count;
}

Result<DirectOutcome> keep_consignees(Database& database, const OrderId& order, const Consignees& consignees) {
    const auto known = read_consignees(database, order);
    if (!known) return known.error();
    if (known->empty()) {
        std::int64_t position = 0;
        for (const auto& to : consignees) TRY(insert_consignee(database, order, ++position, to));
        return DirectOutcome::taken;
    }
    const bool is_same = std::equal(known->begin(), known->end(), consignees.begin(), consignees.end(), is_same_place);
    return is_same ? DirectOutcome::taken : DirectOutcome::used_id;
}

Result<v1::ListConsigneesResponse> list_consignees(Database& database, const ShowId& show, const OrderId& order) {
    const auto known = database.query("SELECT 1 FROM orders WHERE id = ? AND show_id = ?", {order.str(), show.str()});
    if (!known) return known.error();
    if (known->empty()) return make_error_code(Errc::not_found);
    auto consignees = read_consignees(database, order);
    if (!consignees) return consignees.error();
    v1::ListConsigneesResponse response;
    for (auto& to : *consignees) {
        to.set_recipient(mask_name(to.recipient()));
        to.set_phone(mask_phone(to.phone()));
        to.set_detail("****");
        *response.add_consignees() = std::move(to);
    }
    return response;
}

Result<StepOutcome> take_consignee_step(Database& database, const Step& step, std::int64_t position) {
    const auto part = read_part(database, step, position);
    if (!part) return part.error();
    const auto wanted = wanted_by(step);
    const bool is_same = part->carrier == step.carrier && part->tracking_number == step.tracking_number;
    const bool is_correction = part->at == wanted && wanted == ConsigneeState::shipped && !is_same;
    if (part->at == wanted && !is_correction) return StepOutcome::repeated;
    const bool is_next = static_cast<int>(part->at) + 1 == static_cast<int>(wanted);
    if (part->state != OrderState::paid || part->progress > Progress::shipped || (!is_next && !is_correction))
        return StepOutcome::illegal;
    const bool is_shipping = wanted == ConsigneeState::shipped && is_next;
    if (is_shipping && part->quantity_left == 0) return StepOutcome::goods_refunded;
    const auto waiting = database.query("SELECT 1 FROM refunds WHERE order_id = ? AND state = 1", {step.order.str()});
    if (!waiting) return waiting.error();
    if (is_shipping && !waiting->empty()) return StepOutcome::refund_waits;
    TRY(move_part(database, step, position, part->at));
    const auto kind = is_correction                         ? "consignee_tracking_corrected"
                      : wanted == ConsigneeState::shipped ? "consignee_shipped"
                                                            : "consignee_received";
    TRY(note_part(database, step, position, *part, kind));
    TRY(move_order(database, step, part->progress));
    return StepOutcome::taken;
}

Result<> move_consignees(Database& database, const Step& step) {
    if (step.to == Progress::shipped)
        TRY(
            database.execute("UPDATE order_consignees SET state = 2, carrier = ?, tracking_number = ?, shipped_ms = ? "
                             "WHERE order_id = ? AND state = 1",
                             {step.carrier, step.tracking_number, step.at_ms, step.order.str()}));
    if (step.to == Progress::done)
        TRY(
            database.execute("UPDATE order_consignees SET state = 3, received_ms = ? WHERE order_id = ? AND state = 2",
                             {step.at_ms, step.order.str()}));
    return {};
}

Result<> correct_consignees(Database& database, const Step& step, const std::string& carrier,
                            const std::string& tracking_number) {
    TRY(
        database.execute("UPDATE order_consignees SET carrier = ?, tracking_number = ? WHERE order_id = ? AND state = 2 "
                         "AND carrier = ? AND tracking_number = ?",
                         {step.carrier, step.tracking_number, step.order.str(), carrier, tracking_number}));
    return {};
}

#undef TRY

}  // namespace livefair::ledger
