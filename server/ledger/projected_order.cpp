// One order of an entry: what its kind asks for, and the rows that say so.
#include "ledger/allocations.hpp"
#include "ledger/order_terms.hpp"
#include "ledger/show_projection.hpp"

namespace livefair::ledger {

namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

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

}  // namespace

Result<> ShowProjection::apply_order() {
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
    if (kind == "refused") return refused();
    if (kind == "refunded") return refunded();
    if (kind == "adjusted") return adjusted();
    if (kind == "opened") return {};
    return anomaly("unknown_kind", kind);
}

Result<> ShowProjection::adjusted() {
    const auto settled = settle_adjustment(database_, {summary_.show, order().id}, order().facts);
    if (settled.has_error()) return settled.error();
    return settled.value() ? Result<>() : anomaly("adjusted_unexpected", order().facts);
}

Result<> ShowProjection::pass_over() {
    if (kind() == "placed") refuse({}, {});
    return anomaly("breaks_rule", kind() + " " + order().facts);
}

Result<> ShowProjection::placed() {
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
    placement->short_stocks = join_stocks(*short_stocks);
    placement->position = place();
    const auto buyer = placement->facts.buyer, offer = placement->facts.offer;
    TRY(orders_.insert({std::move(*placement)}, sums_));
    changed(order().id, buyer, is_reserved ? OrderState::reserved : OrderState::refused, true);
    if (is_reserved) return {};
    refuse(offer, *short_stocks);
    return anomaly("over_cap", "the till let through what the ledger does not have");
}

Result<> ShowProjection::event(std::string_view what, const std::string& detail) {
    TRY(
        database_.execute("INSERT INTO order_events (show_id, stream_id, place, order_id, kind, at_ms, detail) "
                          "VALUES (?, ?, ?, ?, ?, "
                          "?, ?) ON CONFLICT DO NOTHING",
                          {show(), entry_->id, place(), order().id, std::string(what), at_ms_, detail}));
    return {};
}

Result<> ShowProjection::anomaly(const std::string& what, const std::string& detail) {
    TRY(
        database_.execute("INSERT INTO anomalies (show_id, stream_id, place, order_id, kind, detail, at_ms) VALUES "
                          "(?, ?, ?, ?, ?, ?, "
                          "?) ON CONFLICT DO NOTHING",
                          {show(), entry_->id, place(), printable(order().id), what, printable(detail), at_ms_}));
    return {};
}

Result<> ShowProjection::entry(const char* debit, const char* credit, std::int64_t amount_fen) {
    TRY(database_.execute(
        "INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {show(), entry_->id, position_++, order().id, std::string(debit), std::string(credit), amount_fen,
         at_ms_}));
    return {};
}

void ShowProjection::changed(const std::string& id, const std::string& buyer, OrderState state, bool is_new) {
    const auto [at, is_first] = changed_at_.emplace(id, summary_.orders.size());
    if (is_first)
        summary_.orders.push_back({OrderId(id), AccountId(buyer), state, is_new});
    else
        summary_.orders[at->second].state = state;
}

void ShowProjection::refuse(const std::string& offer, std::vector<std::string> short_stocks) {
    refused_.push_back({summary_.show, OrderId(order().id), OfferId(offer), std::move(short_stocks)});
}

Result<bool> ShowProjection::take(const StockUnits& line) {
    if (line.stock.starts_with('$')) return draw_subsidy(database_, summary_.show, line.stock.substr(1), line.units);
    const auto rows =
        database_.execute("UPDATE stocks SET committed = committed + ? WHERE id = ? AND committed + ? <= total",
                          {line.units, line.stock, line.units});
    // An error code converts to bool, so it has to be named as the error.
    if (!rows) return Result<bool>(boost::system::in_place_error, rows.error());
    return *rows == 1;
}

Result<std::vector<std::string>> ShowProjection::commit_units(const std::vector<StockUnits>& lines) {
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

Result<> ShowProjection::give_back(const StockUnits& line) {
    if (line.stock.starts_with('$')) return return_subsidy(database_, summary_.show, line.stock.substr(1), line.units);
    TRY(database_.execute("UPDATE stocks SET committed = committed - ? WHERE id = ?", {line.units, line.stock}));
    return {};
}

#undef TRY

}  // namespace livefair::ledger
