#include "ledger/projection.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "ledger/show_projection.hpp"

namespace livefair::ledger {

namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

/// Kinds that can wait until the batch's new orders are written, when they are about other orders: they only give stock
/// back.
constexpr std::array<std::string_view, 6> waiting_kinds = {"cancelled", "expired",    "paid",
                                                           "refused",   "refund_due", "opened"};

std::vector<std::string> split(std::string_view joined) {
    std::vector<std::string> texts;
    while (!joined.empty()) {
        const auto comma = std::min(joined.find(','), joined.size());
        texts.emplace_back(joined.substr(0, comma));
        joined.remove_prefix(std::min(comma + 1, joined.size()));
    }
    return texts;
}

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

std::string join_stocks(const std::vector<std::string>& stocks) {
    std::string joined;
    for (const auto& stock : stocks) joined += (joined.empty() ? "" : ",") + stock;
    return joined;
}

Result<> ShowProjection::apply(const StreamEntry& entry) {
    if (!may_wait(entry)) TRY(flush());
    if (entry.kind != "placed" && waiting_.empty()) return apply_one_by_one(entry);
    waiting_.push_back(&entry);
    for (const auto& order : entry.orders) mentioned_.insert(order.id);
    return {};
}

Result<> ShowProjection::flush() {
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

Result<> ShowProjection::apply_one_by_one(const StreamEntry& entry) {
    begin(entry);
    for (place_ = 0; place_ < entry.orders.size(); ++place_) TRY(apply_order());
    return {};
}

Result<> ShowProjection::apply_carefully(const StreamEntry& entry) {
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

Result<> ShowProjection::finish() {
    TRY(flush());
    TRY(sums_.write(database_));
    TRY(database_.execute("UPDATE tills SET stream_id = ? WHERE show_id = ?", {summary_.last_id, show()}));
    return count_left();
}

void ShowProjection::begin(const StreamEntry& entry) {
    entry_ = &entry;
    at_ms_ = static_cast<std::int64_t>(StreamId::parse(entry.id).ms);
    position_ = 0;
    is_storable_ = entry.is_storable();
    note(entry);
}

void ShowProjection::note(const StreamEntry& entry) {
    summary_.last_id = entry.id;
    if (const auto left = parse_stock_units(entry.left)) {
        for (const auto& stock : *left) left_[stock.stock] = stock.units;
    }
}

bool ShowProjection::may_wait(const StreamEntry& entry) const {
    const bool is_new = entry.kind == "placed";
    if (!is_new && std::find(waiting_kinds.begin(), waiting_kinds.end(), entry.kind) == waiting_kinds.end())
        return false;
    return !is_new || std::none_of(entry.orders.begin(), entry.orders.end(),
                                   [&](const auto& order) { return mentioned_.contains(order.id); });
}

Result<bool> ShowProjection::write_together() {
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

Result<> ShowProjection::count_left() {
    if (left_.empty()) return {};
    const auto rows = database_.query(
        "SELECT l.offer_id, l.stock_id, l.quantity, s.total - s.committed FROM offer_lines l JOIN offers o ON o.id "
        "= l.offer_id "
        "JOIN stocks s ON s.id = l.stock_id WHERE o.show_id = ? AND l.is_gift = 0 ORDER BY o.number, l.position",
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

#undef TRY

}  // namespace livefair::ledger
