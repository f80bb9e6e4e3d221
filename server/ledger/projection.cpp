#include "ledger/projection.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "ledger/allocations.hpp"
#include "ledger/order_terms.hpp"
#include "ledger/order_text.hpp"
#include "ledger/placed_orders.hpp"
#include "ledger/refunds.hpp"
#include "ledger/sales_sums.hpp"

namespace livefair::ledger {

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

/// Kinds that can wait until the batch's new orders are written, when they are about other orders: they only give stock
/// back.
constexpr std::array<std::string_view, 6> waiting_kinds = {"cancelled", "expired",    "paid",
                                                           "refused",   "refund_due", "opened"};

/// Text of the stream that may be anything, so that it can be kept.
std::string printable(std::string text) {
    constexpr std::size_t bytes_max = 1000;
    const bool is_cut = text.size() > bytes_max;
    if (is_cut) text.resize(bytes_max);
    if (is_cut || !is_storable(text)) {
        for (auto& c : text) {
            if (c < 0x20 || c > 0x7e) c = '?';
        }
    }
    return text;
}

/// The rows of one show in one batch.
class ShowProjection {
public:
    ShowProjection(Database& database, ShowId show)
        : database_(database), orders_(database, show.str()), sums_(show.str()) {
        summary_.show = std::move(show);
    }

    /// Takes the entry in; its rows are written by the next flush() at the latest. `entry` has to live until then.
    Result<> apply(const StreamEntry& entry) {
        if (!may_wait(entry)) TRY(flush());
        if (entry.kind != "placed" && waiting_.empty()) return apply_one_by_one(entry);
        waiting_.push_back(&entry);
        for (const auto& order : entry.orders) mentioned_.insert(order.id);
        return {};
    }

    /// The rows are those that apply_one_by_one() of each entry in turn would write.
    Result<> flush() {
        if (waiting_.empty()) return {};
        const auto is_written = write_together();
        if (!is_written) return is_written.error();
        for (const auto* entry : waiting_) {
            if (*is_written && entry->kind == "placed")
                note(*entry);
            else
                TRY(apply_one_by_one(*entry));
        }
        waiting_.clear();
        mentioned_.clear();
        return {};
    }

    Result<> apply_one_by_one(const StreamEntry& entry) {
        begin(entry);
        for (place_ = 0; place_ < entry.orders.size(); ++place_) TRY(apply_order());
        return {};
    }

    /// As apply_one_by_one(), each order in a savepoint of its own.
    Result<> apply_carefully(const StreamEntry& entry) {
        begin(entry);
        for (place_ = 0; place_ < entry.orders.size(); ++place_) {
            const auto summary = summary_;
            const auto refused = refused_;
            const auto position = position_;
            TRY(database_.run_script("SAVEPOINT one_order"));
            auto applied = apply_order();
            // Sums that would not fit any more refuse this order, not all of the entry.
            if (!applied.has_error()) applied = sums_.write(database_);
            if (applied.has_error() && applied.error() != Errc::conflict) return applied.error();
            if (applied.has_error()) {
                TRY(database_.run_script("ROLLBACK TO SAVEPOINT one_order"));
                summary_ = summary;
                std::erase_if(changed_at_, [&](const auto& at) { return at.second >= summary_.orders.size(); });
                refused_ = refused;
                position_ = position;
                sums_ = SalesSums(show());
                TRY(pass_over());
            }
            TRY(database_.run_script("RELEASE SAVEPOINT one_order"));
        }
        return {};
    }

    Result<> finish() {
        TRY(flush());
        TRY(sums_.write(database_));
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
        is_storable_ = entry.is_storable();
        note(entry);
    }

    void note(const StreamEntry& entry) {
        summary_.last_id = entry.id;
        if (const auto left = parse_stock_units(entry.left)) {
            for (const auto& stock : *left) left_[stock.stock] = stock.units;
        }
    }

    /// New orders are written before the entries that wait behind them, so those must not be about the same orders.
    bool may_wait(const StreamEntry& entry) const {
        const bool is_new = entry.kind == "placed";
        if (!is_new && std::find(waiting_kinds.begin(), waiting_kinds.end(), entry.kind) == waiting_kinds.end())
            return false;
        return !is_new || std::none_of(entry.orders.begin(), entry.orders.end(),
                                       [&](const auto& order) { return mentioned_.contains(order.id); });
    }

    /// All new orders that wait, with few statements. False, and nothing is written, when one of them is out of the
    /// ordinary: known already, senseless, or above the cap.
    Result<bool> write_together() {
        const auto failed = [](boost::system::error_code error) {
            return Result<bool>(boost::system::in_place_error, error);
        };
        std::vector<Placement> placements;
        std::vector<std::string> ids;
        std::map<std::string, std::int64_t> demand;
        for (const auto* entry : waiting_) {
            if (entry->kind != "placed") continue;
            if (!entry->is_storable()) return false;
            for (std::size_t place = 0; place < entry->orders.size(); ++place) {
                auto placement = orders_.read(*entry, place);
                if (!placement) return failed(placement.error());
                if (placement->offer == nullptr) return false;
                placement->position = static_cast<std::int64_t>(place);
                for (const auto& line : placement->demand()) demand[line.stock] += line.units;
                ids.push_back(placement->id());
                placements.push_back(std::move(*placement));
            }
        }
        if (std::set<std::string_view>(ids.begin(), ids.end()).size() < ids.size()) return false;
        const auto is_any_known = orders_.is_any_known(ids);
        if (!is_any_known || *is_any_known) return is_any_known ? Result<bool>(false) : is_any_known;
        // What the batch takes in all fits: then no order was above the cap when its turn came.
        std::vector<StockUnits> lines;
        for (const auto& [stock, units] : demand) lines.push_back({stock, units});
        const auto short_stocks = commit_units(lines);
        if (!short_stocks) return failed(short_stocks.error());
        if (!short_stocks->empty()) return false;
        if (const auto inserted = orders_.insert(placements, sums_); !inserted) return failed(inserted.error());
        for (const auto& placement : placements)
            changed(placement.id(), placement.facts.buyer, OrderState::reserved, true);
        return true;
    }

    Result<> apply_order() {
        const auto& kind = entry_->kind;
        if (!is_storable_) {
            if (kind == "placed") refuse({}, {});
            return anomaly("unreadable_entry", kind + " " + order().facts);
        }
        if (kind == "placed") return placed();
        if (kind == "cancelled") return closed(OrderState::cancelled);
        if (kind == "expired") return closed(OrderState::expired);
        if (kind == "taken_again") return taken_again();
        if (kind == "paid") return paid();
        if (kind == "refund_due") return refund_due();
        if (kind == "refused") return event("refused");
        if (kind == "refunded") return refunded();
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
                              {show(), entry_->id, place(), printable(order().id), what, printable(detail), at_ms_}));
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

    /// What buyer and fund owe for a held order, or no longer owe.
    Result<> entries_of_hold(std::int64_t amount_fen, std::int64_t subsidy_fen, bool begins) {
        TRY(begins ? entry("receivable", "reserved", amount_fen) : entry("reserved", "receivable", amount_fen));
        if (subsidy_fen == 0) return {};
        return begins ? entry("fund_receivable", "fund_reserved", subsidy_fen) : entry("fund_reserved", "fund_receivable", subsidy_fen);
    }

    void changed(const std::string& buyer, OrderState state) { changed(order().id, buyer, state, false); }

    void changed(const std::string& id, const std::string& buyer, OrderState state, bool is_new) {
        const auto [at, is_first] = changed_at_.emplace(id, summary_.orders.size());
        if (is_first)
            summary_.orders.push_back({OrderId(id), AccountId(buyer), state, is_new});
        else
            summary_.orders[at->second].state = state;
    }

    void refuse(const std::string& offer, std::vector<std::string> short_stocks) {
        refused_.push_back({summary_.show, OrderId(order().id), OfferId(offer), std::move(short_stocks)});
    }

    /// Counts a line against the ledger's own cap. False: there is not so much.
    Result<bool> take(const StockUnits& line) {
        if (line.stock.starts_with('$')) return draw_subsidy(database_, summary_.show, line.stock.substr(1), line.units);
        const auto rows =
            database_.execute("UPDATE stocks SET committed = committed + ? WHERE id = ? AND committed + ? <= total",
                              {line.units, line.stock, line.units});
        // An error code converts to bool, so it has to be named as the error.
        if (!rows) return Result<bool>(boost::system::in_place_error, rows.error());
        return *rows == 1;
    }

    /// Takes all lines or none. Returns the stocks and funds that are short.
    Result<std::vector<std::string>> commit_units(const std::vector<StockUnits>& lines) {
        std::vector<std::string> short_stocks;
        std::vector<const StockUnits*> counted;
        for (const auto& line : lines) {
            const auto taken = take(line);
            if (taken.has_error()) return taken.error();
            if (taken.value())
                counted.push_back(&line);
            else
                short_stocks.push_back(line.stock);
        }
        if (short_stocks.empty()) return short_stocks;
        for (const auto* line : counted) TRY(give_back(*line));
        return short_stocks;
    }

    Result<> give_back(const StockUnits& line) {
        if (line.stock.starts_with('$')) return return_subsidy(database_, summary_.show, line.stock.substr(1), line.units);
        TRY(database_.execute("UPDATE stocks SET committed = committed - ? WHERE id = ?", {line.units, line.stock}));
        return {};
    }

    Result<> placed() {
        const auto is_known = orders_.is_any_known({order().id});
        if (!is_known) return is_known.error();
        if (*is_known) return anomaly("placed_twice", order().facts);
        auto placement = orders_.read(*entry_, place_);
        if (!placement) return placement.error();
        if (placement->offer == nullptr) {
            refuse(placement->facts.offer, {});
            return anomaly("unreadable_order", order().facts);
        }
        const auto short_stocks = commit_units(placement->demand());
        if (!short_stocks) return short_stocks.error();
        const bool is_reserved = short_stocks->empty();
        placement->state = is_reserved ? OrderState::reserved : OrderState::refused;
        placement->short_stocks = join(*short_stocks);
        placement->position = place();
        const auto buyer = placement->facts.buyer, offer = placement->facts.offer;
        TRY(orders_.insert({std::move(*placement)}, sums_));
        changed(order().id, buyer, is_reserved ? OrderState::reserved : OrderState::refused, true);
        if (is_reserved) return {};
        refuse(offer, *short_stocks);
        return anomaly("over_cap", "the till let through what the ledger does not have");
    }

    /// What the ledger has of the entry's order; empty when it has none.
    struct Held {
        std::string buyer, offer;
        OrderState state;
        std::int64_t amount_fen;
        std::string fund;
        std::int64_t subsidy_fen;
        std::int64_t quantity;
    };
    Result<std::vector<Held>> find_held() {
        const auto rows =
            database_.query("SELECT buyer_id, offer_id, state, amount_fen, fund_id, subsidy_fen, quantity FROM orders WHERE id = ? AND show_id = ?",
                            {order().id, show()});
        if (!rows) return rows.error();
        std::vector<Held> found;
        for (const auto& row : *rows)
            found.push_back({row.text(0), row.text(1), static_cast<OrderState>(row.integer(2)), row.integer(3), row.text(4),
                             row.integer(5), row.integer(6)});
        return found;
    }

    /// All that the order takes: units of stocks, and the money of its fund.
    Result<std::vector<StockUnits>> lines_of(const Held& held) {
        const auto rows = database_.query(
            "SELECT stock_id, units FROM order_lines WHERE order_id = ? ORDER BY position", {order().id});
        if (!rows) return rows.error();
        std::vector<StockUnits> lines;
        for (const auto& row : *rows) lines.push_back({row.text(0), row.integer(1)});
        if (held.subsidy_fen > 0) lines.push_back({"$" + held.fund, held.subsidy_fen});
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
        const auto lines = lines_of(held->front());
        if (!lines) return lines.error();
        for (const auto& line : *lines) TRY(give_back(line));
        TRY(set_state(state));
        const auto counted = counted_lines(database_, order().id);
        if (!counted) return counted.error();
        sums_.release(*counted);
        changed(held->front().buyer, state);
        return entries_of_hold(held->front().amount_fen, held->front().subsidy_fen, false);
    }

    Result<> taken_again() {
        const auto held = find_held();
        if (!held) return held.error();
        if (held->empty()) return anomaly("event_without_order", kind());
        if (held->front().state != OrderState::expired) {
            TRY(event("taken_again"));
            return anomaly("taken_again_unexpected", std::string(to_string(held->front().state)));
        }
        const auto lines = lines_of(held->front());
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
        const auto counted = counted_lines(database_, order().id);
        if (!counted) return counted.error();
        sums_.hold(*counted);
        changed(held->front().buyer, OrderState::reserved);
        return entries_of_hold(held->front().amount_fen, held->front().subsidy_fen, true);
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
        const auto counted = counted_lines(database_, order().id);
        if (!counted) return counted.error();
        sums_.pay(*counted, held->front().buyer);
        changed(held->front().buyer, OrderState::paid);
        TRY(entry("provider", "receivable", held->front().amount_fen));
        TRY(entry("reserved", "sales", held->front().amount_fen));
        if (held->front().subsidy_fen == 0) return {};
        return entry("fund_reserved", "subsidies", held->front().subsidy_fen);
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
        sums_.owe_back(held->front().amount_fen);
        changed(held->front().buyer, held->front().state);
        return entry("provider", "refunds", held->front().amount_fen);
    }

    /// The goods of a refund are on sale again, and what the fund paid for them is the fund's.
    Result<> refunded() {
        const auto held = find_held();
        if (!held) return held.error();
        if (held->empty()) return anomaly("event_without_order", kind());
        const auto taken = note_restocked(database_, entry_->field("r"), OrderId(order().id));
        if (!taken) return taken.error();
        TRY(event("refunded", entry_->field("r")));
        if (*taken == 0) return anomaly("restock_unexpected", entry_->field("r"));
        if (held->front().subsidy_fen == 0) return {};
        const auto back = database_.query("SELECT quantity FROM refunds WHERE id = ?", {entry_->field("r")});
        if (!back) return back.error();
        // A subsidy is so much for each offer of the order.
        const auto subsidy_fen = held->front().subsidy_fen / held->front().quantity * back->front().integer(0);
        TRY(return_subsidy(database_, summary_.show, held->front().fund, subsidy_fen));
        return entry("subsidies", "fund_receivable", subsidy_fen);
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
    PlacedOrders orders_;
    SalesSums sums_;  ///< Not yet written.
    std::vector<const StreamEntry*> waiting_;    ///< From the first new order on.
    std::unordered_set<std::string> mentioned_;  ///< Ids in `waiting_`.
    CommitSummary summary_;
    std::unordered_map<std::string, std::size_t> changed_at_;  ///< Of an id, in summary_.orders.
    std::vector<RefusedOrder> refused_;
    std::map<std::string, std::int64_t> left_;
    const StreamEntry* entry_ = nullptr;
    std::size_t place_ = 0;
    std::int64_t at_ms_ = 0;
    bool is_storable_ = true;
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
