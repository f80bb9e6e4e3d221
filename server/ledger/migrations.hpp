#pragma once

#include <span>
#include <string_view>

#include "ledger/database.hpp"

namespace livefair::ledger {

/// One step of the schema. Steps are only ever added; their numbers begin at 1 and leave no gap.
struct Migration {
    std::int64_t version;
    std::string_view name;
    std::string_view sql;
};

/// All steps this program knows, oldest first; made from the list in this folder's CMakeLists.txt.
std::span<const Migration> known_migrations();

/// Brings the schema from the version it has to the newest of `migrations`, each step in one transaction.
/// Errors: unsupported - the file is of a newer program; ledger_unavailable or conflict - a step failed and was rolled
/// back.
Result<> migrate(Database& database, std::span<const Migration> migrations);

}  // namespace livefair::ledger
