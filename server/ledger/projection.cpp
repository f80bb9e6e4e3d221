#include "ledger/projection.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "ledger/allocations.hpp"
#include "ledger/order_text.hpp"

namespace livefair::ledger {

std::vector<std::int64_t> split_amount(std::int64_t amount, const std::vector<std::int64_t>& shares) {
    __extension__ using Wide = __int128;
    Wide sum = 0;
    for (const auto share : shares) sum += share;
    std::vector<std::int64_t> parts;
    std::int64_t rest = amount;
    for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
        const auto part = sum == 0 ? 0 : static_cast<std::int64_t>(static_cast<Wide>(amount) * shares[i] / sum);
        parts.push_back(part);
        rest -= part;
    }
    parts.push_back(rest);
    return parts;
}

namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

/// Texts between commas. Stock ids have none.
std::string join(const std::vector<std::string>& texts) {
    std::string joined;
    for (const auto& text : texts) joined += (joined.empty() ? "" : ",") + text;
    return joined;
}

std::vector<std::string> split(std::string_view joined) {
    std::vector<std::string> texts;
    while (!joined.empty()) {
        const auto comma = std::min(joined.find(','), joined.size());
        texts.emplace_back(joined.substr(0, comma));
        joined.remove_prefix(std::min(comma + 1, joined.size()));
    }
    return texts;
}

/// One component of an order with what the ledger knows of its product.
struct Component {
    StockUnits line;  ///< Of the whole order.
    std::int64_t share_fen = 0;
    std::string product, title, unit, origin_code, origin_name;
    std::int64_t weight_g = 0;
};

/// The rows of one show in one batch.
class ShowProjection {
public:
    ShowProjection(Database& database, ShowId show) : database_(database) { summary_.show = std::move(show); }

    Result<> apply(const StreamEntry& entry) {
        begin(entry);
        for (place_ = 0; place_ < entry.orders.size(); ++place_) TRY(apply_order());
        return {};
    }

    /// As apply(), each order in a savepoint of its own.
    Result<> apply_carefully(const StreamEntry& entry) {
        begin(entry);
        for (place_ = 0; place_ < entry.orders.size(); ++place_) {
            const auto summary = summary_;
            const auto refused = refused_;
            const auto position = position_;
            TRY(database_.run_script("SAVEPOINT one_order"));
            const auto applied = apply_order();
            if (applied.has_error() && applied.error() != Errc::conflict) return applied.error();
            if (applied.has_error()) {
                TRY(database_.run_script("ROLLBACK TO SAVEPOINT one_order"));
                summary_ = summary;
                refused_ = refused;
                position_ = position;
                TRY(pass_over());
            }
            TRY(database_.run_script("RELEASE SAVEPOINT one_order"));
        }
        return {};
    }

    Result<> finish() {
        TRY(database_.execute("UPDATE tills SET stream_id = ? WHERE show_id = ?", {summary_.last_id, show()}));
        return count_left();
    }

    CommitSummary take_summary() { return std::move(summary_); }
    std::vector<RefusedOrder> take_refused() { return std::move(refused_); }

private:
    const std::string& show() const { return summary_.show.str(); }
    const std::string& kind() const { return entry_->kind; }
    const StreamOrder& order() const { return entry_->orders[place_]; }
    std::int64_t place() const { return static_cast<std::int64_t>(place_); }

    void begin(const StreamEntry& entry) {
        entry_ = &entry;
        at_ms_ = static_cast<std::int64_t>(StreamId::parse(entry.id).ms);
        position_ = 0;
        summary_.last_id = entry.id;
        if (const auto left = parse_stock_units(entry.left)) {
            for (const auto& stock : *left) left_[stock.stock] = stock.units;
        }
    }

    Result<> apply_order() {
        const auto& kind = entry_->kind;
        if (kind == "placed") return placed();
        if (kind == "cancelled") return closed(OrderState::cancelled);
        if (kind == "expired") return closed(OrderState::expired);
        if (kind == "taken_again") return taken_again();
        if (kind == "paid") return paid();
        if (kind == "refund_due") return refund_due();
        if (kind == "refused") return event("refused");
        if (kind == "adjusted") return adjusted();
        if (kind == "opened") return {};
        return anomaly("unknown_kind", kind);
    }

    /// A change of what the show may use up, decided by the till.
    Result<> adjusted() {
        const auto settled = settle_adjustment(database_, {summary_.show, order().id}, order().facts);
        if (settled.has_error()) return settled.error();
        return settled.value() ? Result<>() : anomaly("adjusted_unexpected", order().facts);
    }

    Result<> pass_over() {
        if (kind() == "placed") refuse({}, {});
        return anomaly("breaks_rule", kind() + " " + order().facts);
    }

    Result<> event(std::string_view what, const std::string& detail = {}) {
        const auto known = database_.query("SELECT 1 FROM orders WHERE id = ?", {order().id});
        if (!known) return known.error();
        if (known->empty()) return anomaly("event_without_order", std::string(what));
        TRY(
            database_.execute("INSERT INTO order_events (show_id, stream_id, place, order_id, kind, at_ms, detail) "
                              "VALUES (?, ?, ?, ?, ?, "
                              "?, ?) ON CONFLICT DO NOTHING",
                              {show(), entry_->id, place(), order().id, std::string(what), at_ms_, detail}));
        return {};
    }

    Result<> anomaly(const std::string& what, const std::string& detail) {
        TRY(
            database_.execute("INSERT INTO anomalies (show_id, stream_id, place, order_id, kind, detail, at_ms) VALUES "
                              "(?, ?, ?, ?, ?, ?, "
                              "?) ON CONFLICT DO NOTHING",
                              {show(), entry_->id, place(), order().id, what, detail, at_ms_}));
        return {};
    }

    Result<> entry(const char* debit, const char* credit, std::int64_t amount_fen) {
        TRY(database_.execute(
            "INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            {show(), entry_->id, position_++, order().id, std::string(debit), std::string(credit), amount_fen,
             at_ms_}));
        return {};
    }

    void changed(const std::string& buyer, OrderState state, bool is_new = false) {
        const auto same = [&](const ChangedOrder& changed) { return changed.id.str() == order().id; };
        const auto known = std::find_if(summary_.orders.begin(), summary_.orders.end(), same);
        if (known != summary_.orders.end()) {
            known->state = state;
            return;
        }
        summary_.orders.push_back({OrderId(order().id), AccountId(buyer), state, is_new});
    }

    void refuse(const std::string& offer, std::vector<std::string> short_stocks) {
        refused_.push_back({summary_.show, OrderId(order().id), OfferId(offer), std::move(short_stocks)});
    }

    /// Counts the units against the ledger's own cap, all or none. Returns the stocks that are short.
    Result<std::vector<std::string>> commit_units(const std::vector<StockUnits>& lines) {
        std::vector<std::string> short_stocks;
        std::vector<const StockUnits*> counted;
        for (const auto& line : lines) {
            const auto rows =
                database_.execute("UPDATE stocks SET committed = committed + ? WHERE id = ? AND committed + ? <= total",
                                  {line.units, line.stock, line.units});
            if (!rows) return rows.error();
            if (*rows == 1)
                counted.push_back(&line);
            else
                short_stocks.push_back(line.stock);
        }
        if (short_stocks.empty()) return short_stocks;
        for (const auto* line : counted) TRY(give_back(*line));
        return short_stocks;
    }

    Result<> give_back(const StockUnits& line) {
        TRY(database_.execute("UPDATE stocks SET committed = committed - ? WHERE id = ?", {line.units, line.stock}));
        return {};
    }

    /// The order's components with their products; empty when the ledger does not know one of them.
    Result<std::vector<Component>> components_of(const OrderText& facts) {
        std::vector<Component> components;
        for (const auto& line : sum_units(facts.lines, facts.quantity)) {
            const auto rows = database_.query(
                "SELECT p.id, p.title, p.unit, p.net_weight_g, p.origin_code, p.origin_name, coalesce(l.share_fen, 0) "
                "FROM stocks s JOIN products p ON p.id = s.product_id LEFT JOIN offer_lines l ON l.stock_id = s.id AND "
                "l.offer_id = ? "
                "WHERE s.id = ? AND s.show_id = ?",
                {facts.offer, line.stock, show()});
            if (!rows) return rows.error();
            if (rows->empty()) return std::vector<Component>();
            const auto& row = rows->front();
            components.push_back({line, row.integer(6), row.text(0), row.text(1), row.text(2), row.text(4), row.text(5),
                                  row.integer(3) * line.units});
        }
        return components;
    }

    Result<> placed() {
        const auto known = database_.query("SELECT 1 FROM orders WHERE id = ?", {order().id});
        if (!known) return known.error();
        if (!known->empty()) return anomaly("placed_twice", order().facts);
        const auto facts = OrderText::parse(order().facts);
        if (!facts) return refuse_unreadable({});
        const auto components = components_of(*facts);
        if (!components) return components.error();
        const auto offer =
            database_.query("SELECT title FROM offers WHERE id = ? AND show_id = ?", {facts->offer, show()});
        if (!offer) return offer.error();
        if (components->empty() || offer->empty() || facts->amount_fen != facts->unit_price_fen * facts->quantity)
            return refuse_unreadable(facts->offer);

        const auto short_stocks = commit_units(sum_units(facts->lines, facts->quantity));
        if (!short_stocks) return short_stocks.error();
        const auto state = short_stocks->empty() ? OrderState::reserved : OrderState::refused;
        TRY(insert_order(*facts, offer->front().text(0), state));
        TRY(insert_lines(*facts, *components));
        TRY(event("placed", join(*short_stocks)));
        changed(facts->buyer, state, true);
        if (state == OrderState::reserved) return entry("receivable", "reserved", facts->amount_fen);
        refuse(facts->offer, *short_stocks);
        return anomaly("over_cap", "the till let through what the ledger does not have");
    }

    Result<> refuse_unreadable(const std::string& offer) {
        refuse(offer, {});
        return anomaly("unreadable_order", order().facts);
    }

    Result<> insert_order(const OrderText& facts, const std::string& title, OrderState state) {
        const auto address = database_.query(
            "SELECT recipient, phone, region_code, region_name, detail FROM addresses WHERE id = ?", {facts.address});
        if (!address) return address.error();
        const Row empty({std::string(), std::string(), std::string(), std::string(), std::string()});
        const Row& to = address->empty() ? empty : address->front();
        TRY(database_.execute(
            "INSERT INTO orders (id, show_id, offer_id, buyer_id, title, quantity, unit_price_fen, amount_fen, state, "
            "placed_ms, hold_until_ms, "
            "left_after, stream_id, address_id, recipient, phone, region_code, region_name, detail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {order().id, show(), facts.offer, facts.buyer, title, facts.quantity, facts.unit_price_fen,
             facts.amount_fen, static_cast<std::int64_t>(state), facts.placed_ms, facts.hold_until_ms, facts.left_after,
             entry_->id, facts.address, to.text(0), to.text(1), to.text(2), to.text(3), to.text(4)}));
        return {};
    }

    Result<> insert_lines(const OrderText& facts, const std::vector<Component>& components) {
        std::vector<std::int64_t> shares;
        for (const auto& component : components) shares.push_back(component.share_fen);
        const auto amounts = split_amount(facts.amount_fen, shares);
        for (std::size_t i = 0; i < components.size(); ++i) {
            const auto& part = components[i];
            TRY(database_.execute(
                "INSERT INTO order_lines (order_id, position, stock_id, product_id, title, unit, units, amount_fen, "
                "weight_g, origin_code, "
                "origin_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                {order().id, static_cast<std::int64_t>(i + 1), part.line.stock, part.product, part.title, part.unit,
                 part.line.units, amounts[i], part.weight_g, part.origin_code, part.origin_name}));
        }
        return {};
    }

    /// What the ledger has of the entry's order; empty when it has none.
    struct Held {
        std::string buyer, offer;
        OrderState state;
        std::int64_t amount_fen;
    };
    Result<std::vector<Held>> find_held() {
        const auto rows =
            database_.query("SELECT buyer_id, offer_id, state, amount_fen FROM orders WHERE id = ? AND show_id = ?",
                            {order().id, show()});
        if (!rows) return rows.error();
        std::vector<Held> found;
        for (const auto& row : *rows)
            found.push_back({row.text(0), row.text(1), static_cast<OrderState>(row.integer(2)), row.integer(3)});
        return found;
    }

    Result<std::vector<StockUnits>> units_of_order() {
        const auto rows = database_.query(
            "SELECT stock_id, units FROM order_lines WHERE order_id = ? ORDER BY position", {order().id});
        if (!rows) return rows.error();
        std::vector<StockUnits> lines;
        for (const auto& row : *rows) lines.push_back({row.text(0), row.integer(1)});
        return sum_units(lines, 1);
    }

    Result<> set_state(OrderState state) {
        TRY(database_.execute("UPDATE orders SET state = ? WHERE id = ?",
                              {static_cast<std::int64_t>(state), order().id}));
        return {};
    }

    Result<> closed(OrderState state) {
        const auto held = find_held();
        if (!held) return held.error();
        if (held->empty()) return anomaly("event_without_order", kind());
        TRY(event(kind()));
        // The ledger may have refused the order before the till heard of it; then its stock is not counted any more.
        if (held->front().state != OrderState::reserved) return {};
        const auto lines = units_of_order();
        if (!lines) return lines.error();
        for (const auto& line : *lines) TRY(give_back(line));
        TRY(set_state(state));
        changed(held->front().buyer, state);
        return entry("reserved", "receivable", held->front().amount_fen);
    }

    Result<> taken_again() {
        const auto held = find_held();
        if (!held) return held.error();
        if (held->empty()) return anomaly("event_without_order", kind());
        if (held->front().state != OrderState::expired) {
            TRY(event("taken_again"));
            return anomaly("taken_again_unexpected", std::string(to_string(held->front().state)));
        }
        const auto lines = units_of_order();
        if (!lines) return lines.error();
        const auto short_stocks = commit_units(*lines);
        if (!short_stocks) return short_stocks.error();
        TRY(event("taken_again", join(*short_stocks)));
        if (!short_stocks->empty()) {
            TRY(set_state(OrderState::refused));
            changed(held->front().buyer, OrderState::refused);
            refuse(held->front().offer, *short_stocks);
            return anomaly("over_cap", "held anew for a late payment, but the ledger does not have it");
        }
        TRY(set_state(OrderState::reserved));
        changed(held->front().buyer, OrderState::reserved);
        return entry("receivable", "reserved", held->front().amount_fen);
    }

    Result<> paid() {
        const auto held = find_held();
        if (!held) return held.error();
        if (held->empty()) return anomaly("payment_without_order", entry_->field("p"));
        // Money for an order that the ledger does not hold is never a sale.
        if (held->front().state != OrderState::reserved) return refund_due();
        const auto taken = take_payment("paid");
        if (!taken) return taken.error();
        if (*taken == 0) return anomaly("payment_twice", entry_->field("p"));
        TRY(event("paid", entry_->field("p")));
        TRY(database_.execute("UPDATE orders SET state = ?, paid_ms = ? WHERE id = ?",
                              {static_cast<std::int64_t>(OrderState::paid), at_ms_, order().id}));
        changed(held->front().buyer, OrderState::paid);
        TRY(entry("provider", "receivable", held->front().amount_fen));
        return entry("reserved", "sales", held->front().amount_fen);
    }

    Result<> refund_due() {
        const auto held = find_held();
        if (!held) return held.error();
        if (held->empty()) return anomaly("payment_without_order", entry_->field("p"));
        const auto taken = take_payment("refund_due");
        if (!taken) return taken.error();
        if (*taken == 0) return anomaly("payment_twice", entry_->field("p"));
        TRY(event("refund_due", entry_->field("p")));
        TRY(database_.execute("UPDATE orders SET refund_due_fen = refund_due_fen + ? WHERE id = ?",
                              {held->front().amount_fen, order().id}));
        changed(held->front().buyer, held->front().state);
        return entry("provider", "refunds", held->front().amount_fen);
    }

    /// Settles the payment's row and its webhook's; 0: it had been settled. The till has checked that the amount is the
    /// order's.
    Result<std::int64_t> take_payment(const char* state) {
        TRY(
            database_.execute("INSERT INTO payments (provider, id, order_id, amount_fen, currency, state, created_ms) "
                              "VALUES (?, ?, ?, (SELECT amount_fen FROM orders WHERE id = ?), 'CNY', 'created', ?) ON "
                              "CONFLICT DO NOTHING",
                              {entry_->field("v"), entry_->field("p"), order().id, order().id, at_ms_}));
        const auto settled = database_.execute(
            "UPDATE payments SET state = ?, settled_ms = ? WHERE provider = ? AND id = ? AND order_id = ? AND state = "
            "'created'",
            {std::string(state), at_ms_, entry_->field("v"), entry_->field("p"), order().id});
        if (!settled) return settled.error();
        TRY(
            database_.execute("INSERT INTO webhook_events (provider, event_id, payment_id, taken_ms) VALUES (?, ?, ?, "
                              "?) ON CONFLICT DO NOTHING",
                              {entry_->field("v"), entry_->field("e"), entry_->field("p"), at_ms_}));
        return *settled;
    }

    /// What can still be bought of each offer that needs a stock which moved: by the till's newest word, by the ledger
    /// for other stocks.
    Result<> count_left() {
        if (left_.empty()) return {};
        const auto rows = database_.query(
            "SELECT l.offer_id, l.stock_id, l.quantity, s.total - s.committed FROM offer_lines l JOIN offers o ON o.id "
            "= l.offer_id "
            "JOIN stocks s ON s.id = l.stock_id WHERE o.show_id = ? ORDER BY o.number, l.position",
            {show()});
        if (!rows) return rows.error();
        std::set<std::string> moved;
        for (const auto& row : *rows) {
            if (left_.contains(row.text(1))) moved.insert(row.text(0));
        }
        for (const auto& row : *rows) {
            if (!moved.contains(row.text(0))) continue;
            const auto told = left_.find(row.text(1));
            const auto count = (told == left_.end() ? row.integer(3) : told->second) / row.integer(2);
            if (summary_.left.empty() || summary_.left.back().offer.str() != row.text(0))
                summary_.left.push_back({OfferId(row.text(0)), count});
            else
                summary_.left.back().left = std::min(summary_.left.back().left, count);
        }
        return {};
    }

    Database& database_;
    CommitSummary summary_;
    std::vector<RefusedOrder> refused_;
    std::map<std::string, std::int64_t> left_;
    const StreamEntry* entry_ = nullptr;
    std::size_t place_ = 0;
    std::int64_t at_ms_ = 0;
    std::int64_t position_ = 0;  ///< In `entries`, over all orders of the stream's entry.
};

using Apply = Result<> (ShowProjection::*)(const StreamEntry&);

Result<Projection> apply_all(Database& database, std::span<const StreamEntry> entries, Apply apply) {
    std::map<ShowId, StreamId> cursors;
    std::map<ShowId, ShowProjection> shows;
    for (const auto& entry : entries) {
        if (!cursors.contains(entry.show)) {
            const auto row = database.query("SELECT stream_id FROM tills WHERE show_id = ?", {entry.show.str()});
            if (!row) return row.error();
            if (row->empty()) continue;  // not on sale by this ledger
            cursors[entry.show] = StreamId::parse(row->front().text(0));
        }
        const auto id = StreamId::parse(entry.id);
        if (id <= cursors[entry.show]) continue;
        cursors[entry.show] = id;
        auto& show = shows.try_emplace(entry.show, database, entry.show).first->second;
        TRY((show.*apply)(entry));
    }
    Projection projection;
    for (auto& [id, show] : shows) {
        TRY(show.finish());
        projection.summaries.push_back(show.take_summary());
        for (auto& refused : show.take_refused()) projection.refused.push_back(std::move(refused));
    }
    return projection;
}

#undef TRY

}  // namespace

Result<Projection> apply_entries(Database& database, const std::vector<StreamEntry>& entries) {
    return apply_all(database, entries, &ShowProjection::apply);
}

Result<Projection> apply_carefully(Database& database, const StreamEntry& entry) {
    return apply_all(database, {&entry, 1}, &ShowProjection::apply_carefully);
}

Result<std::vector<RefusedOrder>> refused_not_returned(Database& database, const ShowId& show) {
    const auto rows = database.query(
        "SELECT o.id, o.offer_id, e.detail FROM orders o JOIN order_events e ON e.order_id = o.id "
        "WHERE o.show_id = ? AND o.state = 5 AND e.kind IN ('placed', 'taken_again') AND e.detail <> '' AND NOT EXISTS "
        "(SELECT 1 FROM order_events r WHERE r.order_id = o.id AND r.kind = 'refused')",
        {show.str()});
    if (!rows) return rows.error();
    std::vector<RefusedOrder> refused;
    for (const auto& row : *rows)
        refused.push_back({show, OrderId(row.text(0)), OfferId(row.text(1)), split(row.text(2))});
    return refused;
}

}  // namespace livefair::ledger
