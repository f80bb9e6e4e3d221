#include "ledger/direct_orders.hpp"

#include "base/money.hpp"
#include "ledger/catalog.hpp"
#include "ledger/fulfilment.hpp"
#include "ledger/placed_orders.hpp"
#include "ledger/sales_sums.hpp"
#include "ledger/suppliers.hpp"

namespace livefair::ledger {
namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

constexpr std::int64_t amount_fen_max = 10'000'000'000, stall_count_max = 99;

/// One component of the order, with its part of the goods.
struct Part {
    std::string stock, product, title, unit, origin_code, origin_name, supplier;
    std::int64_t units = 0, weight_g = 0, share_fen = 0, left = 0;
};

struct OfferFacts {
    std::string title;
    std::int64_t price_fen = 0;
    std::vector<Part> parts;
};

bool is_at_stall(const DirectOrder& order) {
    return order.kind == OrderKind::sale;
}

bool is_gift(const DirectOrder& order) {
    return order.kind == OrderKind::gift;
}

/// Errors: not_found; too_large - the goods can't be counted.
Result<OfferFacts> read_offer(Database& database, const DirectOrder& order) {
    const auto offers = database.query("SELECT title, price_fen, state, close_ms FROM offers WHERE id = ? AND show_id = ?",
                                       {order.offer.str(), order.show.str()});
    if (!offers) return offers.error();
    if (offers->empty()) return make_error_code(Errc::not_found);
    constexpr std::int64_t open = 2;
    const auto close_ms = offers->front().integer(3);
    const bool is_open = offers->front().integer(2) == open && (close_ms == 0 || order.at_ms < close_ms);
    if (is_at_stall(order) && !is_open) return make_error_code(Errc::not_found);
    const auto rows = database.query(
        "SELECT l.stock_id, l.quantity, l.share_fen, s.total - s.committed, p.id, p.title, p.unit, p.net_weight_g, "
        "p.origin_code, "
        "p.origin_name, coalesce(p.supplier_id, '') FROM offer_lines l JOIN stocks s ON s.id = l.stock_id JOIN "
        "products p ON p.id = "
        "s.product_id WHERE l.offer_id = ? ORDER BY l.position",
        {order.offer.str()});
    if (!rows) return rows.error();
    OfferFacts facts{offers->front().text(0), offers->front().integer(1), {}};
    for (const auto& row : *rows) {
        const auto units = detail::checked_multiply(row.integer(1), order.count);
        if (!units) return units.error();
        const auto weight = detail::checked_multiply(row.integer(7), *units);
        if (!weight) return weight.error();
        facts.parts.push_back({row.text(0), row.text(4), row.text(5), row.text(6), row.text(8), row.text(9),
                               row.text(10), *units, *weight, row.integer(2), row.integer(3)});
    }
    if (facts.parts.empty()) return make_error_code(Errc::not_found);
    return facts;
}

/// Whether the show's stock may be sold past tills: `taken`, or why not.
Result<DirectOutcome> judge_show(Database& database, const DirectOrder& order) {
    const auto rows = database.query(
        "SELECT s.channel, s.state FROM shows s WHERE s.id = ? AND s.practice = 0 AND NOT EXISTS (SELECT 1 FROM tills t "
        "WHERE t.show_id = s.id)",
        {order.show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return DirectOutcome::wrong_channel;
    const auto channel = static_cast<Channel>(rows->front().integer(0));
    const auto wanted = is_at_stall(order) ? Channel::stall : Channel::bulk;
    if (is_gift(order) ? has_till(channel) : channel != wanted) return DirectOutcome::wrong_channel;
    constexpr std::int64_t ended = 3;
    return rows->front().integer(1) == ended ? DirectOutcome::ended : DirectOutcome::taken;
}

/// The answer to an id that is known; nothing when it is new.
Result<std::vector<DirectOutcome>> known_order(Database& database, const DirectOrder& order) {
    const auto rows = database.query(
        "SELECT o.show_id, o.offer_id, o.kind, o.organisation_id, d.count, d.unit_price_fen, d.tag, d.reference, "
        "d.quote_id, d.invoice_title, "
        "d.tax_number, coalesce((SELECT e.why FROM order_events e WHERE e.order_id = o.id AND e.kind = 'given'), '') "
        "FROM orders o "
        "LEFT JOIN direct_orders d ON d.order_id = o.id WHERE o.id = ?",
        {order.id.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return std::vector<DirectOutcome>();
    const auto& row = rows->front();
    const bool is_same =
        row.text(0) == order.show.str() && row.text(1) == order.offer.str() &&
        row.integer(2) == static_cast<std::int64_t>(order.kind) && row.text(3) == order.organisation &&
        row.integer(4) == order.count && (order.unit_price_fen == 0 || row.integer(5) == order.unit_price_fen) &&
        row.text(6) == order.tag && (order.reference.empty() || row.text(7) == order.reference) &&
        row.text(8) == order.quote && row.text(9) == order.invoice_title && row.text(10) == order.tax_number &&
        row.text(11) == order.why;
    return std::vector{is_same ? DirectOutcome::taken : DirectOutcome::used_id};
}

Result<> take_stock(Database& database, const std::vector<Part>& parts) {
    for (const auto& part : parts) {
        const auto taken =
            database.execute("UPDATE stocks SET committed = committed + ? WHERE id = ? AND committed + ? <= total",
                             {part.units, part.stock, part.units});
        if (!taken) return taken.error();
        // It was enough a moment ago, in this transaction.
        if (*taken == 0) return make_error_code(Errc::conflict);
    }
    return {};
}

Result<> insert_order(Database& database, const DirectOrder& order, const OfferFacts& facts, std::int64_t price_fen,
                      std::int64_t amount_fen) {
    // A stall sells a few offers; a bulk order is one lot, however many offers are in it.
    const bool is_lot = !is_at_stall(order);
    const auto region =
        database.query("SELECT region_code, name FROM organisations WHERE id = ?", {order.organisation});
    if (!region) return region.error();
    const auto region_code = region->empty() ? std::string() : region->front().text(0);
    TRY(
        database.execute("INSERT INTO orders (id, show_id, offer_id, buyer_id, title, quantity, unit_price_fen, "
                         "amount_fen, state, placed_ms, hold_until_ms, "
                         "left_after, stream_id, address_id, recipient, phone, region_code, region_name, detail, kind, "
                         "organisation_id, segment_id) VALUES (?, ?, ?, '', ?, "
                         "?, ?, ?, 1, ?, 0, 0, '', '', '', '', ?, '', '', ?, ?, coalesce((SELECT segment_id FROM offers "
                         "WHERE id = ?), ''))",
                         {order.id.str(), order.show.str(), order.offer.str(), facts.title,
                          is_lot ? std::int64_t{1} : order.count, is_lot ? amount_fen : price_fen, amount_fen,
                          order.at_ms, region_code, static_cast<std::int64_t>(order.kind), order.organisation, order.offer.str()}));
    TRY(
        database.execute("INSERT INTO direct_orders (order_id, count, unit_price_fen, tag, reference, quote_id, "
                         "beneficiary, invoice_title, tax_number, "
                         "by_account) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         {order.id.str(), order.count, price_fen, order.tag, order.reference, order.quote,
                          order.beneficiary, order.invoice_title, order.tax_number, order.by.str()}));
    return {};
}

Result<> insert_lines(Database& database, const DirectOrder& order, const std::vector<Part>& parts,
                      std::int64_t amount_fen) {
    std::vector<std::int64_t> shares;
    for (const auto& part : parts) shares.push_back(part.share_fen);
    const auto amounts = split_amount(amount_fen, shares);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& part = parts[i];
        TRY(database.execute(
            "INSERT INTO order_lines (order_id, position, stock_id, product_id, title, unit, units, amount_fen, "
            "weight_g, origin_code, "
            "origin_name, supplier_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {order.id.str(), static_cast<std::int64_t>(i + 1), part.stock, part.product, part.title, part.unit,
             part.units, amounts[i], part.weight_g, part.origin_code, part.origin_name, part.supplier}));
    }
    return {};
}

struct Entry {
    const char* debit;
    const char* credit;
};

/// The event and the books of one step; both have the same id.
Result<> note_and_book(Database& database, const DirectStep& step, const std::string& kind, std::int64_t amount_fen,
                       const std::vector<Entry>& entries) {
    const auto id = "led-" + kind + "-" + step.order.str();
    TRY(note_event(database, {id, step.show, step.order, kind, step.reference, step.by, step.why, step.at_ms}));
    for (std::size_t i = 0; i < entries.size(); ++i)
        TRY(
            database.execute("INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, "
                             "at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                             {step.show.str(), id, static_cast<std::int64_t>(i), step.order.str(),
                              std::string(entries[i].debit), std::string(entries[i].credit), amount_fen, step.at_ms}));
    return {};
}

enum class Move { hold, pay, release };

/// Moves the order in the show's sums. Who buys at a stall is nobody that we know; an organisation is counted by orders,
/// not among the people who have bought.
Result<> move_sums(Database& database, const DirectStep& step, Move move) {
    const auto lines = counted_lines(database, step.order.str());
    if (!lines) return lines.error();
    SalesSums sums(step.show.str());
    if (move == Move::hold) sums.hold(*lines);
    if (move == Move::pay) sums.pay(*lines, {});
    if (move == Move::release) sums.release(*lines);
    return sums.write(database);
}

Result<std::vector<Row>> read_direct(Database& database, const DirectStep& step) {
    return database.query(
        "SELECT o.state, o.amount_fen, d.reference FROM orders o JOIN direct_orders d ON d.order_id = o.id WHERE o.id "
        "= ? AND o.show_id = ?",
        {step.order.str(), step.show.str()});
}

/// Paid when it was entered. Over the counter nothing is left to pack or to send.
Result<DirectOutcome> pay_at_once(Database& database, const DirectOrder& order, const DirectStep& step,
                                  std::int64_t amount_fen) {
    const auto paid = pay_direct(database, step);
    if (!paid || *paid != DirectOutcome::taken || !is_at_stall(order)) return paid;
    TRY(database.execute("UPDATE orders SET progress = 3 WHERE id = ?", {order.id.str()}));
    TRY(note_and_book(database, step, "handed_over", amount_fen, {}));
    return DirectOutcome::taken;
}

Result<DirectOutcome> give(Database& database, const DirectStep& step) {
    TRY(database.execute("UPDATE orders SET state = 2, paid_ms = ? WHERE id = ?", {step.at_ms, step.order.str()}));
    TRY(note_and_book(database, step, "given", 0, {}));
    return DirectOutcome::taken;
}

}  // namespace

Result<DirectOutcome> place_direct(Database& database, const DirectOrder& order) {
    const auto known = known_order(database, order);
    if (!known) return known.error();
    if (!known->empty()) return known->front();
    const auto judged = judge_show(database, order);
    if (!judged || *judged != DirectOutcome::taken) return judged;
    const auto facts = read_offer(database, order);
    if (facts.has_error() && facts.error() == Errc::not_found) return DirectOutcome::no_offer;
    if (facts.has_error() && facts.error() == Errc::too_large) return DirectOutcome::too_large;
    if (!facts) return facts.error();
    if (!is_at_stall(order)) {
        const auto unvetted = unvetted_supplier(database, order.offer);
        if (!unvetted) return unvetted.error();
        if (!unvetted->empty()) return DirectOutcome::unvetted;
    }
    const auto price_fen = order.unit_price_fen > 0 ? order.unit_price_fen : facts->price_fen;
    const auto worth = detail::checked_multiply(price_fen, order.count);
    if (!worth || *worth > amount_fen_max || (is_at_stall(order) && order.count > stall_count_max))
        return DirectOutcome::too_large;
    for (const auto& part : facts->parts)
        if (part.left < part.units) return DirectOutcome::sold_out;

    TRY(take_stock(database, facts->parts));
    const auto amount_fen = is_gift(order) ? 0 : *worth;
    TRY(insert_order(database, order, *facts, price_fen, amount_fen));
    TRY(insert_lines(database, order, facts->parts, amount_fen));
    const DirectStep step{order.show, order.id, order.reference, order.by, order.why, order.at_ms};
    if (is_gift(order)) return give(database, step);
    TRY(note_and_book(database, step, "entered", amount_fen, {{"receivable", "reserved"}}));
    TRY(move_sums(database, step, Move::hold));
    if (order.reference.empty()) return DirectOutcome::taken;
    return pay_at_once(database, order, step, amount_fen);
}

Result<DirectOutcome> pay_direct(Database& database, const DirectStep& step) {
    const auto rows = read_direct(database, step);
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    constexpr std::int64_t reserved = 1, paid = 2;
    if (row.integer(0) == paid && row.text(2) == step.reference) return DirectOutcome::taken;
    if (row.integer(0) != reserved) return DirectOutcome::illegal;
    const auto others = database.query(
        "SELECT 1 FROM direct_orders d JOIN orders o ON o.id = d.order_id WHERE d.reference = ? AND d.order_id <> ? "
        "AND d.quote_id <> '' AND "
        "o.state = 2",
        {step.reference, step.order.str()});
    if (!others) return others.error();
    // At a stall "cash" pays for many; a bank's number pays once.
    const auto is_bulk =
        database.query("SELECT 1 FROM direct_orders WHERE order_id = ? AND quote_id <> ''", {step.order.str()});
    if (!is_bulk) return is_bulk.error();
    if (!is_bulk->empty() && !others->empty()) return DirectOutcome::used_reference;
    TRY(database.execute("UPDATE direct_orders SET reference = ? WHERE order_id = ?",
                         {step.reference, step.order.str()}));
    const auto moved = database.execute("UPDATE orders SET state = 2, paid_ms = ? WHERE id = ? AND state = 1",
                                        {step.at_ms, step.order.str()});
    if (!moved) return moved.error();
    if (*moved == 0) return make_error_code(Errc::conflict);
    TRY(move_sums(database, step, Move::pay));
    // The money is at the supplier's bank or in the stall's till, never at the provider.
    TRY(note_and_book(database, step, "paid_outside", row.integer(1),
                      {{"outside", "receivable"}, {"reserved", "sales"}}));
    return DirectOutcome::taken;
}

Result<DirectOutcome> release_direct(Database& database, const DirectStep& step) {
    const auto rows = read_direct(database, step);
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    constexpr std::int64_t reserved = 1, cancelled = 4;
    if (rows->front().integer(0) == cancelled) return DirectOutcome::taken;
    if (rows->front().integer(0) != reserved) return DirectOutcome::illegal;
    const auto moved = database.execute("UPDATE orders SET state = 4 WHERE id = ? AND state = 1", {step.order.str()});
    if (!moved) return moved.error();
    if (*moved == 0) return make_error_code(Errc::conflict);
    TRY(move_sums(database, step, Move::release));
    const auto lines = database.query("SELECT stock_id, units FROM order_lines WHERE order_id = ?", {step.order.str()});
    if (!lines) return lines.error();
    for (const auto& line : *lines)
        TRY(database.execute("UPDATE stocks SET committed = committed - ? WHERE id = ?",
                             {line.integer(1), line.text(0)}));
    TRY(note_and_book(database, step, "released", rows->front().integer(1), {{"reserved", "receivable"}}));
    return DirectOutcome::taken;
}

#undef TRY

}  // namespace livefair::ledger
