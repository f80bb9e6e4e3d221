#pragma once

#include <string>
#include <vector>

#include "commerce/till.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// One number that is not what it should be.
struct Difference {
    std::string what;      ///< "left stock1", "order o1 state", "entries receivable", ...
    std::string expected;  ///< By the ledger's rows.
    std::string found;
};

/// Recounts one show: the till in Redis (if it has one) against the ledger, and the ledger's sums against each other. The show should
/// be quiet (nothing between till and ledger), else differences may be orders under way. Empty: all is well.
net::Task<Result<std::vector<Difference>>> reconcile(ShowId show, Till& till, ledger::Ledger& ledger);

/// Rows of orders, of all shows, without the row that they belong to; SQLite refuses to take such rows, PostgreSQL is not asked to (migration 0024).
/// Reads all orders' rows. At most 100 of each kind.
net::Task<Result<std::vector<Difference>>> find_strays(ledger::Ledger& ledger);

}  // namespace livefair::commerce
