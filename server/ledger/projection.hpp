#pragma once

#include <vector>

#include "ledger/database.hpp"
#include "ledger/projector.hpp"
#include "ledger/stream_entry.hpp"

namespace livefair::ledger {

/// What a batch did: one summary for each show that had entries, and the orders that the ledger's cap refused.
struct Projection {
    std::vector<CommitSummary> summaries;
    std::vector<RefusedOrder> refused;
};

/// Writes the rows of `entries` (each show's in stream order) and the shows' cursors; call inside Ledger::write(), so
/// that both are in one transaction. Entries at or below a show's cursor change nothing. An entry that makes no sense
/// becomes an anomaly, never an error, so that it can't hold up those behind it. Errors: ledger_unavailable; conflict
/// when one of them breaks a rule of the schema: then apply_carefully() each of them.
Result<Projection> apply_entries(Database& database, const std::vector<StreamEntry>& entries);

/// As apply_entries() of one entry. An order that breaks a rule of the schema is passed over as an anomaly; the entry's
/// other orders get through. Errors: ledger_unavailable.
Result<Projection> apply_carefully(Database& database, const StreamEntry& entry);

/// Orders that the ledger refused and the till has not taken back: the process died between commit and message.
Result<std::vector<RefusedOrder>> refused_not_returned(Database& database, const ShowId& show);

}  // namespace livefair::ledger
