#pragma once

#include "ledger/database.hpp"

namespace livefair::ledger {

/// Whether a location names a PostgreSQL database (postgresql:// or postgres://) and not a file.
bool is_postgres(const std::string& location);

/// A database of PostgreSQL 15 or newer. With several hosts in the URL the one that takes writes is used. See
/// Database::open().
Result<std::unique_ptr<Database>> open_postgres(const std::string& url, Database::Mode mode,
                                                std::shared_ptr<std::atomic<std::int64_t>> timeline, std::string& why);

}  // namespace livefair::ledger
