#include "ledger/projector_batch.hpp"

#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace livefair::ledger {

namespace {

/// A new order is in the answer to the purchase already.
Result<std::vector<Notice>> read_notices(Database& database, const std::vector<CommitSummary>& summaries) {
    std::vector<Notice> notices;
    for (const auto& summary : summaries) {
        for (const auto& changed : summary.orders) {
            if (changed.is_new && changed.state == OrderState::reserved) continue;
            const auto order = find_order(database, changed.id, AccountId());
            if (!order) return order.error();
            notices.push_back({changed.buyer.str(), order->SerializeAsString()});
        }
    }
    return notices;
}

/// Entries that the ledger had already, committed by a projector that was stopped before it could say so.
std::vector<KnownId> known_entries(const Entries& entries, const std::vector<CommitSummary>& summaries) {
    std::map<ShowId, std::string> last_ids;
    for (const auto& entry : entries) last_ids[entry.show] = entry.id;
    for (const auto& summary : summaries) last_ids.erase(summary.show);
    std::vector<KnownId> known;
    for (const auto& [show, id] : last_ids) known.push_back({show, id});
    return known;
}

}  // namespace

std::int64_t count_orders(const Entries& entries) {
    std::size_t orders = 0;
    for (const auto& entry : entries) orders += entry.orders.size();
    return static_cast<std::int64_t>(orders);
}

std::vector<Entries> cut_into_batches(Entries entries, std::int64_t orders_max) {
    std::vector<Entries> batches;
    std::int64_t orders = orders_max;
    for (auto& entry : entries) {
        const auto more = static_cast<std::int64_t>(entry.orders.size());
        if (batches.empty() || orders + more > orders_max) {
            batches.emplace_back();
            orders = 0;
        }
        orders += more;
        batches.back().push_back(std::move(entry));
    }
    return batches;
}

Result<std::map<ShowId, std::string>> read_epochs(Database& database, const Servers& servers) {
    std::map<ShowId, std::string> epochs;
    for (const auto& [show, server] : servers) {
        const auto row = database.query("SELECT run_id, epoch FROM tills WHERE show_id = ?", {show.str()});
        if (!row) return row.error();
        if (row->empty()) continue;
        const auto& run_id = row->front().text(0);
        if (run_id == server || run_id == "~" + server) epochs[show] = std::to_string(row->front().integer(1));
    }
    return epochs;
}

Result<CommittedBatch> commit_batch(Database& database, const Entries& read, const Servers& servers, bool carefully) {
    auto epochs = read_epochs(database, servers);
    if (!epochs) return epochs.error();
    const auto is_left_out = [&](const StreamEntry& entry) { return !epochs->contains(entry.show); };
    const bool has_left_out = std::any_of(read.begin(), read.end(), is_left_out);
    Entries rest;
    if (has_left_out) std::remove_copy_if(read.begin(), read.end(), std::back_inserter(rest), is_left_out);
    const auto& entries = has_left_out ? rest : read;
    auto projection = carefully && !entries.empty() ? apply_carefully(database, entries.front()) : apply_entries(database, entries);
    if (!projection) return projection.error();
    auto notices = read_notices(database, projection->summaries);
    if (!notices) return notices.error();
    auto known = known_entries(entries, projection->summaries);
    return CommittedBatch{std::move(*projection), std::move(*notices), std::move(known), std::move(*epochs), has_left_out};
}

}  // namespace livefair::ledger
