#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ledger/projection.hpp"
#include "ledger/stream_reader.hpp"

namespace livefair::ledger {

using Entries = std::vector<StreamEntry>;
std::int64_t count_orders(const Entries& entries);
/// In batches of at most `orders_max` orders, or one entry.
std::vector<Entries> cut_into_batches(Entries entries, std::int64_t orders_max);

/// v1::Order of an order that its buyer is told about.
struct Notice {
    std::string account;
    std::string order_bytes;
};

/// A committed id whose refusals are not known any more.
struct KnownId {
    ShowId show;
    std::string last_id;
};

/// What one transaction of the projector did, and what has to be told of it.
struct CommittedBatch {
    Projection projection;
    std::vector<Notice> notices;
    std::vector<KnownId> known;
    std::map<ShowId, std::string> epochs;
    bool has_left_out = false;  ///< Entries that have to wait for the rebuild of their till.
};

/// The tills' epochs, of those shows that were read from the server that their till was last rebuilt for.
Result<std::map<ShowId, std::string>> read_epochs(Database& database, const Servers& servers);
/// Leaves entries of shows out that were read from another server than their till is for. `carefully`: of one entry.
/// Errors: those of apply_entries() or apply_carefully().
Result<CommittedBatch> commit_batch(Database& database, const Entries& read, const Servers& servers, bool carefully);

}  // namespace livefair::ledger
