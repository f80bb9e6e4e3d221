#pragma once

#include <string>
#include <vector>

#include "base/errc.hpp"

namespace livefair::table {

/// An XLSX file with one sheet; the first row stays in sight. Every cell is a text, so that nothing is run and a code
/// keeps its zeros. Cells are UTF-8 of at most 32,767 characters. Errors: internal - no memory or no temporary file.
Result<std::string> write_xlsx(const std::string& sheet, const std::vector<std::vector<std::string>>& rows);

}  // namespace livefair::table
