#pragma once

#include "ledger/database.hpp"

namespace livefair::ledger {

/// A file of SQLite: WAL, synchronous=FULL, foreign keys on. See Database::open().
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, Database::Mode mode, std::int64_t wal_bytes_max,
                                              std::string& why);

}  // namespace livefair::ledger
