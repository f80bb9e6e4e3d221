#include "ledger/refunds.hpp"

#include <algorithm>

#include "ledger/direct_orders.hpp"
#include "ledger/fulfilment.hpp"
#include "ledger/refund_requests.hpp"
#include "ledger/sales_sums.hpp"

namespace livefair::ledger {
namespace {

using Outcome = RefundAnswer::Outcome;

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

constexpr const char* reason_for_buyer = "订单退款";

struct OrderFacts {
    OrderState state = OrderState::reserved;
    Progress progress = Progress::none;
    std::int64_t quantity = 0, unit_price_fen = 0, amount_fen = 0, refunded_fen = 0, refunded_quantity = 0;
    AccountId buyer;
    bool is_direct = false;  ///< Of the ledger's own: paid past the provider.
    std::int64_t fen_left() const { return amount_fen - refunded_fen; }
    std::int64_t quantity_left() const { return quantity - refunded_quantity; }
    bool is_refundable() const {
        return state == OrderState::paid && may_follow(progress, Progress::refunding) && fen_left() > 0;
    }
};

Result<OrderFacts> read_facts(Database& database, const ShowId& show, const OrderId& order, const AccountId& buyer) {
    const auto rows = database.query(
        "SELECT state, progress, quantity, unit_price_fen, amount_fen, refunded_fen, refunded_quantity, buyer_id, "
        "(SELECT count(*) FROM direct_orders d WHERE d.order_id = orders.id) FROM orders WHERE id = ? AND show_id = ? AND (buyer_id = ? OR ? = '')",
        {order.str(), show.str(), buyer.str(), buyer.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    return OrderFacts{static_cast<OrderState>(row.integer(0)),
                      static_cast<Progress>(row.integer(1)),
                      row.integer(2),
                      row.integer(3),
                      row.integer(4),
                      row.integer(5),
                      row.integer(6),
                      AccountId(row.text(7)),
                      row.integer(8) > 0};
}

/// A refund as it is written down.
struct Stored {
    std::string id;
    ShowId show;
    OrderId order;
    std::int64_t quantity = 0, amount_fen = 0;
    RefundState state = RefundState::asked;
    AccountId asked_by, decided_by;
    std::string reference;
    bool is_providers = false;  ///< The provider was asked.
};

Result<std::vector<Row>> read_refund(Database& database, const std::string& id) {
    return database.query(
        "SELECT show_id, order_id, quantity, amount_fen, state, asked_by, decided_by, asked_quantity, asked_fen, why, "
        "reference, request_id FROM refunds WHERE id = ?",
        {id});
}

Stored stored_of(const std::string& id, const Row& row) {
    return {id,
            ShowId(row.text(0)),
            OrderId(row.text(1)),
            row.integer(2),
            row.integer(3),
            static_cast<RefundState>(row.integer(4)),
            AccountId(row.text(5)),
            AccountId(row.text(6)),
            row.text(10),
            !row.text(11).empty()};
}

RefundAnswer answer_to_repeated(const RefundWish& wish, const Row& row) {
    const auto known = stored_of(wish.id, row);
    // Of a refund that the provider refused, it came later.
    const auto reference = known.is_providers ? std::string() : known.reference;
    const bool is_same = known.show == wish.show && known.order == wish.order && known.asked_by == wish.by &&
                         row.integer(7) == wish.quantity && row.integer(8) == wish.amount_fen &&
                         row.text(9) == wish.why && reference == wish.reference;
    return {is_same ? Outcome::taken : Outcome::used_id, known.state};
}

/// Takes money from the lines of an order by split_refund() and the goods by their part of each offer; what it took of
/// each is noted, for totals as of an earlier moment.
Result<> take_from_lines(Database& database, const Stored& refund) {
    const auto rows = database.query(
        "SELECT l.position, l.amount_fen - l.refunded_fen, l.units / o.quantity FROM order_lines l JOIN orders o ON "
        "o.id = "
        "l.order_id WHERE l.order_id = ? ORDER BY l.position",
        {refund.order.str()});
    if (!rows) return rows.error();
    std::vector<std::int64_t> left;
    for (const auto& row : *rows) left.push_back(row.integer(1));
    const auto parts = split_refund(refund.amount_fen, left);
    auto counted = counted_lines(database, refund.order.str());
    if (!counted) return counted.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto& row = (*rows)[i];
        (*counted)[i].refunded_fen = parts[i];
        TRY(database.execute("INSERT INTO refund_lines (refund_id, position, amount_fen, units) VALUES (?, ?, ?, ?)",
                             {refund.id, row.integer(0), parts[i], row.integer(2) * refund.quantity}));
        TRY(
            database.execute("UPDATE order_lines SET refunded_fen = refunded_fen + ?, refunded_units = refunded_units "
                             "+ ? WHERE order_id = ? "
                             "AND position = ?",
                             {parts[i], row.integer(2) * refund.quantity, refund.order.str(), row.integer(0)}));
    }
    SalesSums sums(refund.show.str());
    sums.refund(*counted);
    return sums.write(database);
}

Result<> book(Database& database, const Stored& refund, std::int64_t at_ms) {
    TRY(
        database.execute("INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, "
                         "at_ms) VALUES (?, ?, 0, ?, "
                         "'sales', 'refunds', ?, ?)",
                         {refund.show.str(), "led-refund-" + refund.id, refund.order.str(), refund.amount_fen, at_ms}));
    return {};
}

Result<> note(Database& database, const Stored& refund, const std::string& kind, const AccountId& by,
              const std::string& why, std::int64_t at_ms) {
    return note_event(database,
                      {"led-" + kind + "-" + refund.id, refund.show, refund.order, kind, refund.id, by, why, at_ms});
}

/// `no_payment` when the provider should give the money back and has none of this order.
Result<Outcome> judge_payment(Database& database, const OrderId& order, bool is_direct) {
    if (is_direct) return Outcome::taken;
    const auto payment = payment_of_order(database, order);
    if (payment.has_error() && payment.error() == Errc::not_found) return Outcome::no_payment;
    if (!payment) return payment.error();
    return Outcome::taken;
}

Result<> ask_provider(Database& database, const Stored& refund, std::int64_t at_ms) {
    const auto payment = payment_of_order(database, refund.order);
    if (!payment) return payment.error();
    TRY(ask_refund(database,
                   {refund.id, payment->provider, payment->payment, refund.order, refund.amount_fen, reason_for_buyer},
                   at_ms));
    TRY(database.execute("UPDATE refunds SET request_id = id WHERE id = ?", {refund.id}));
    return {};
}

/// The decision "yes": order, lines and books, all in the caller's transaction. A value other than `taken` is returned
/// before anything is written.
Result<Outcome> accept(Database& database, const Stored& refund, bool is_direct, std::int64_t at_ms) {
    const auto judged = judge_payment(database, refund.order, is_direct);
    if (!judged || *judged != Outcome::taken) return judged;
    // The conditions are those of wish_refund() once more: what was read may have changed.
    const auto taken = database.execute(
        "UPDATE orders SET refunded_fen = refunded_fen + ?, refunded_quantity = refunded_quantity + ?, progress = CASE "
        "WHEN "
        "refunded_fen + ? = amount_fen THEN 4 ELSE progress END WHERE id = ? AND state = 2 AND progress < 4 AND "
        "refunded_fen "
        "+ ? <= amount_fen AND refunded_quantity + ? <= quantity",
        {refund.amount_fen, refund.quantity, refund.amount_fen, refund.order.str(), refund.amount_fen,
         refund.quantity});
    if (!taken) return taken.error();
    if (*taken == 0) return Outcome::too_much;
    TRY(take_from_lines(database, refund));
    TRY(book(database, refund, at_ms));
    return Outcome::taken;
}

/// What becomes of the goods: the number of refunds.restock.
Result<std::int64_t> move_goods(Database& database, const Stored& refund, const OrderFacts& order, std::int64_t at_ms) {
    if (!order.is_direct) return order.progress < Progress::shipped && refund.quantity > 0 ? 1 : 0;
    const auto parts =
        give_back_direct(database, {refund.id, refund.show, refund.order, refund.quantity, refund.amount_fen, at_ms});
    if (!parts) return parts;
    return *parts > 0 ? 2 : 0;
}

/// Accepts a refund that is written down as asked. `order` is as it was before.
Result<Outcome> accept_stored(Database& database, const Stored& refund, const OrderFacts& order, const AccountId& by,
                              const std::string& why, std::int64_t at_ms) {
    const auto accepted = accept(database, refund, order.is_direct, at_ms);
    if (!accepted || *accepted != Outcome::taken) return accepted;
    const auto restock = move_goods(database, refund, order, at_ms);
    if (!restock) return restock.error();
    TRY(
        database.execute("UPDATE refunds SET state = 2, restock = ?, decided_by = ?, decided_ms = ?, decided_why = ? "
                         "WHERE id = ? AND state = 1",
                         {*restock, by.str(), at_ms, why, refund.id}));
    TRY(note(database, refund, "refund_accepted", by, why, at_ms));
    TRY(order.is_direct
            ? settle_refund(database, {refund.id, {}, refund.show, refund.order, true, refund.reference, by, {}, at_ms})
            : ask_provider(database, refund, at_ms));
    return Outcome::taken;
}

RefundState accepted_state(const OrderFacts& order) {
    return order.is_direct ? RefundState::done : RefundState::accepted;
}

/// Goods and money of a wish, by its order; 0 money: the wish can't be met.
struct Size {
    std::int64_t quantity = 0, amount_fen = 0;
};
Size size_of(const RefundWish& wish, const OrderFacts& order) {
    Size size{wish.quantity, wish.amount_fen};
    if (size.quantity > order.quantity_left()) return {};
    if (size.amount_fen == 0)
        size.amount_fen = size.quantity == order.quantity_left() && size.quantity > 0
                              ? order.fen_left()
                              : std::min(order.fen_left(), size.quantity * order.unit_price_fen);
    if (size.amount_fen > order.fen_left()) return {};
    // All the money back: nothing of it is delivered any more, or all comes back.
    if (size.amount_fen == order.fen_left()) size.quantity = order.quantity_left();
    return size;
}

}  // namespace

std::vector<std::int64_t> split_refund(std::int64_t amount_fen, const std::vector<std::int64_t>& left) {
    __extension__ using Wide = __int128;
    Wide sum = 0;
    for (const auto each : left) sum += each;
    std::vector<std::int64_t> parts;
    Wide before = 0;
    std::int64_t given = 0;
    for (const auto each : left) {
        before += each;
        const auto until = sum == 0 ? 0 : static_cast<std::int64_t>(amount_fen * before / sum);
        parts.push_back(until - given);
        given = until;
    }
    return parts;
}

Result<RefundAnswer> wish_refund(Database& database, const RefundWish& wish) {
    const auto known = read_refund(database, wish.id);
    if (!known) return known.error();
    if (!known->empty()) return answer_to_repeated(wish, known->front());
    const auto order = read_facts(database, wish.show, wish.order, wish.is_buyers ? wish.by : AccountId());
    if (!order) return order.error();
    if (!order->is_refundable()) return RefundAnswer{Outcome::not_refundable};
    if (order->is_direct == wish.reference.empty())
        return RefundAnswer{order->is_direct ? Outcome::no_reference : Outcome::needless_reference};
    const auto size = size_of(wish, *order);
    if (size.amount_fen <= 0) return RefundAnswer{Outcome::too_much};
    const auto waiting = database.query("SELECT 1 FROM refunds WHERE order_id = ? AND state = 1", {wish.order.str()});
    if (!waiting) return waiting.error();
    if (!waiting->empty()) return RefundAnswer{Outcome::waits};
    const auto judged = judge_payment(database, wish.order, order->is_direct);
    if (!judged) return judged.error();
    if (*judged != Outcome::taken) return RefundAnswer{*judged};

    TRY(
        database.execute("INSERT INTO refunds (id, order_id, show_id, quantity, asked_quantity, asked_fen, amount_fen, "
                         "state, why, asked_by, "
                         "asked_ms, reference) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)",
                         {wish.id, wish.order.str(), wish.show.str(), size.quantity, wish.quantity, wish.amount_fen,
                          size.amount_fen, wish.why, wish.by.str(), wish.at_ms, wish.reference}));
    const Stored refund{wish.id,         wish.show,          wish.order, size.quantity,
                        size.amount_fen, RefundState::asked, wish.by,    {}, wish.reference};
    TRY(note(database, refund, "refund_asked", wish.by, wish.why, wish.at_ms));
    // Nobody decides alone on money for themselves.
    if (wish.is_buyers || wish.by == order->buyer || order->refunded_fen + size.amount_fen > wish.four_eyes_fen) return RefundAnswer{};
    const auto accepted = accept_stored(database, refund, *order, wish.by, wish.why, wish.at_ms);
    if (!accepted) return accepted.error();
    // Read and checked above, in this transaction: only another connection's change can be in between.
    if (*accepted != Outcome::taken) return make_error_code(Errc::conflict);
    return RefundAnswer{Outcome::taken, accepted_state(*order)};
}

Result<RefundAnswer> decide_refund(Database& database, const RefundDecision& decision) {
    const auto rows = read_refund(database, decision.id);
    if (!rows) return rows.error();
    if (rows->empty() || rows->front().text(0) != decision.show.str()) return make_error_code(Errc::not_found);
    const auto refund = stored_of(decision.id, rows->front());
    if (refund.state != RefundState::asked) {
        const bool was_yes = refund.state != RefundState::declined;
        return RefundAnswer{was_yes == decision.is_yes ? Outcome::taken : Outcome::decided, refund.state};
    }
    if (!decision.is_yes) {
        TRY(database.execute(
            "UPDATE refunds SET state = 4, decided_by = ?, decided_ms = ?, decided_why = ? WHERE id = ? AND state = 1",
            {decision.by.str(), decision.at_ms, decision.why, decision.id}));
        TRY(note(database, refund, "refund_declined", decision.by, decision.why, decision.at_ms));
        return RefundAnswer{Outcome::taken, RefundState::declined};
    }
    const auto order = read_facts(database, refund.show, refund.order, AccountId());
    if (!order) return order.error();
    if (refund.asked_by == decision.by || order->buyer == decision.by) return RefundAnswer{Outcome::own, refund.state};
    const auto accepted = accept_stored(database, refund, *order, decision.by, decision.why, decision.at_ms);
    if (!accepted) return accepted.error();
    return RefundAnswer{*accepted, *accepted == Outcome::taken ? accepted_state(*order) : refund.state};
}

#undef TRY

}  // namespace livefair::ledger
