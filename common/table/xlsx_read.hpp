#pragma once

#include <string_view>

#include "table/table.hpp"

namespace livefair::table {

/// Reads the first sheet of an XLSX file (ECMA-376) that lies in memory. Of a formula its last value counts; a number
/// comes with at most 15 digits, as a spreadsheet shows it. Documents with a DTD are refused; nothing outside the file
/// is read.
Reading read_xlsx(std::string_view file, const Limits& limits);

}  // namespace livefair::table
