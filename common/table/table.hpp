#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Tables that people make with a spreadsheet: CSV and XLSX, read and written. No domain, no I/O.
namespace livefair::table {

/// What a table from outside may hold.
struct Limits {
    std::size_t rows_max = 5000;  ///< Rows with anything in them, the header among them.
    std::size_t columns_max = 64;
    std::size_t cell_bytes_max = 4096;
    std::size_t cells_bytes_max = 16'777'216;     ///< Of all cells together.
    std::size_t unpacked_bytes_max = 33'554'432;  ///< XLSX: of all parts that are read.
};

struct Row {
    std::int64_t line = 0;  ///< As a spreadsheet counts: the first row is 1.
    std::vector<std::string> cells;
};

/// Why a file can't be read as a table, for people.
struct Fault {
    std::int64_t line = 0;  ///< 0: the file as a whole.
    std::string message_zh;
    std::string message_en;
};

/// Rows with anything in them. With a fault they mean nothing.
struct Reading {
    std::vector<Row> rows;
    std::optional<Fault> fault;
};

/// Reads a whole file: XLSX when it begins like one, else CSV. Cells are UTF-8 without NUL; what csv_cell() put before
/// a formula is taken off again.
Reading read_table(std::string_view file, const Limits& limits = {});

/// Collects rows within the limits. What the two readers have in common.
class Rows {
public:
    explicit Rows(const Limits& limits) : limits_(limits) {}
    /// Adds a cell to the row that is being read. False: a limit is exceeded, fault() says which.
    bool add_cell(std::string cell, std::int64_t line);
    /// Ends the row; one with nothing in it is forgotten. False: as add_cell().
    bool end_row(std::int64_t line);
    std::size_t cells() const { return row_.cells.size(); }
    bool refuse(std::int64_t line, std::string message_zh, std::string message_en);
    const std::optional<Fault>& fault() const { return fault_; }
    Reading take();

private:
    const Limits limits_;
    std::vector<Row> rows_;
    Row row_;
    std::size_t bytes_ = 0;
    std::optional<Fault> fault_;
};

}  // namespace livefair::table
