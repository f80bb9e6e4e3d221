#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"

namespace livefair::v1 {
class ListRegionsResponse;
class Region;
}  // namespace livefair::v1

/// Codes of places (GB/T 2260) and when they hold. Call inside Ledger::read() or Ledger::write().
namespace livefair::ledger {

class Database;

enum class CodeFault {
    none,
    unknown,
    not_yet,  ///< It holds later.
    ended,    ///< It held before; the place may have another code now.
};
struct CodeCheck {
    CodeFault fault = CodeFault::none;
    std::string name;
    std::int64_t since_ms = 0;  ///< not_yet: from when it holds; ended: until when it held.
};
/// Whether a code holds at a time.
Result<CodeCheck> check_code(Database& db, const std::string& code, std::int64_t at_ms);

/// The places right below `parent` whose codes hold at a time, by code; at most 1000.
Result<v1::ListRegionsResponse> list_regions(Database& db, const std::string& parent, std::int64_t at_ms);
/// Adds places or writes them anew. Errors: not_found - a parent is neither known nor among them before.
Result<> put_regions(Database& db, const std::vector<v1::Region>& regions);

}  // namespace livefair::ledger
