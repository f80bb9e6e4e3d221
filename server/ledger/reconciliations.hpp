#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class ListReconciliationsResponse;
}

/// What recounts of ended shows found. Free functions over a Database: call them inside Ledger::read() or write().
/// Errors of all: ledger_unavailable.
namespace livefair::ledger {

struct EndedShow {
    ShowId id;
    bool has_till = false;  ///< Else its orders are the ledger's own.
};
/// Shows that have sold, that have ended, of which no order is held and no change of stock is under way any more, and that
/// have not been recounted since.
Result<std::vector<EndedShow>> shows_to_recount(Database& database);

struct Reconciliation {
    ShowId show;
    std::int64_t at_ms = 0;
    std::int64_t differences = 0;
    std::string first_difference;  ///< For people; empty when there is none.
};
Result<> note_reconciliation(Database& database, const Reconciliation& reconciliation);

/// Newest first, at most 50.
Result<v1::ListReconciliationsResponse> list_reconciliations(Database& database);
/// Differences of all shows' newest recounts.
Result<std::int64_t> count_differences(Database& database);

}  // namespace livefair::ledger
