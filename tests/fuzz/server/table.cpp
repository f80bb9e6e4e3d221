#include <cstddef>
#include <cstdint>
#include <string>

#include "table/csv.hpp"

namespace {

bool same(const livefair::table::Reading& one, const livefair::table::Reading& other) {
    if (one.fault.has_value() != other.fault.has_value() || one.rows.size() != other.rows.size())
        return one.fault && other.fault;
    for (std::size_t i = 0; i < one.rows.size(); ++i)
        if (one.rows[i].line != other.rows[i].line || one.rows[i].cells != other.rows[i].cells) return false;
    return true;
}

}  // namespace

// A table from outside, CSV or XLSX: within its limits, and a CSV the same in whatever pieces it comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    livefair::table::Limits limits;
    limits.rows_max = 50;
    limits.columns_max = 8;
    limits.cell_bytes_max = 100;
    limits.unpacked_bytes_max = 1'000'000;
    const auto whole = livefair::table::read_table(input, limits);
    if (whole.fault) return 0;
    if (whole.rows.size() > limits.rows_max) __builtin_trap();
    for (const auto& row : whole.rows) {
        if (row.cells.size() > limits.columns_max) __builtin_trap();
        for (const auto& cell : row.cells)
            if (cell.size() > limits.cell_bytes_max) __builtin_trap();
    }
    if (input.starts_with("PK\x03\x04")) return 0;
    livefair::table::CsvReader reader(limits);
    for (std::size_t at = 0; at < size; ++at) reader.feed(input.substr(at, 1));
    if (!same(whole, reader.finish())) __builtin_trap();
    return 0;
}
