#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "table/table.hpp"

namespace livefair::table {

constexpr std::string_view csv_byte_order_mark = "\xEF\xBB\xBF";

/// Whether a spreadsheet would run a cell with this text: = + - @, tab or carriage return in front.
bool is_run(std::string_view text);

/// One cell of a CSV (RFC 4180). One that a spreadsheet would run begins with an apostrophe; quotes are doubled.
std::string csv_cell(std::string_view text);
/// Cells with commas between and CRLF behind.
std::string csv_row(const std::vector<std::string>& cells);

/// Reads a CSV (RFC 4180; a byte order mark in front; rows may end in CRLF, LF or CR) in pieces of any size.
class CsvReader {
public:
    explicit CsvReader(const Limits& limits = {}) : rows_(limits), cell_bytes_max_(limits.cell_bytes_max) {}
    void feed(std::string_view bytes);
    /// After the last piece; the reader is then of no more use.
    Reading finish();

private:
    enum class State {
        cell_start,
        bare,       ///< In a cell without quotes.
        quoted,     ///< In a cell with quotes.
        quote_end,  ///< Behind a quote inside such a cell: its end, or the first of two.
        after_cr,   ///< Behind a carriage return that ended a row; a line feed belongs to it.
    };
    void take(char c);
    void take_mark();
    void end_cell();
    void end_row();

    Rows rows_;
    std::size_t cell_bytes_max_;
    State state_ = State::cell_start;
    std::size_t mark_ = 0;  ///< Bytes of the byte order mark seen; 3: it is behind us.
    std::string cell_;
    std::int64_t line_ = 1;
};

}  // namespace livefair::table
