#pragma once

#include <string>

#include "support/temporary_folder.hpp"

namespace livefair::test {

/// Whether this run of the tests has its ledgers in PostgreSQL: LIVEFAIR_TEST_LEDGER=postgres in the environment, which
/// ctest sets for the tests whose names say so.
bool ledger_is_postgres();

/// Where a test's ledger is: a file `name` in `folder`, or a new database of a PostgreSQL server that is started for this
/// program. The same folder and name are the same ledger. Where Debian's package is missing the program ends with status
/// 77, which ctest shows as skipped.
std::string ledger_location(const TemporaryFolder& folder, const std::string& name = "ledger.sqlite3");

}  // namespace livefair::test
