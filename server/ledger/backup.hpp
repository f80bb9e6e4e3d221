#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace livefair::ledger {

/// What a copy of the ledger has.
struct BackupFacts {
    std::int64_t schema_version = 0;
    std::int64_t orders = 0;
    /// One for each show that was on sale: all entries of its orders stream up to `stream_id` (whose first part is the
    /// time, Unix milliseconds) are in the copy, and none after it.
    struct Show {
        std::string id, stream_id;
        std::int64_t orders = 0;
    };
    std::vector<Show> shows;
};

/// Copies the ledger at `location` (as in Database::open()), which may be written to meanwhile, to the new file `file`:
/// one moment of it, checked, and on disk when this returns. An SQLite ledger becomes an SQLite file (by its backup
/// interface), a PostgreSQL one an archive of pg_dump.
/// Errors: throws std::runtime_error that says what to do; `file` then is not there.
BackupFacts back_up(const std::string& location, const std::string& file);

/// Makes the ledger at `location` from such a file; there must be none yet (no file, or no tables). The file's kind has
/// to be the location's. Each till's epoch rises by 1000, so that it is above those that a lost Redis may have had.
/// Errors: throws std::runtime_error that says what to do.
BackupFacts restore(const std::string& file, const std::string& location);

}  // namespace livefair::ledger
