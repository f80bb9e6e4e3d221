#include "table/csv.hpp"

namespace livefair::table {

bool is_run(std::string_view text) {
    constexpr std::string_view running = "=+-@\t\r";
    return !text.empty() && running.find(text.front()) != std::string_view::npos;
}

std::string csv_cell(std::string_view text) {
    std::string cell(is_run(text) ? "'" : "");
    cell += text;
    if (cell.find_first_of("\",\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

std::string csv_row(const std::vector<std::string>& cells) {
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i) row += (i == 0 ? "" : ",") + csv_cell(cells[i]);
    return row + "\r\n";
}

void CsvReader::feed(std::string_view bytes) {
    for (const char c : bytes) {
        if (rows_.fault()) return;
        if (mark_ < csv_byte_order_mark.size()) {
            if (c == csv_byte_order_mark[mark_]) {
                ++mark_;
                continue;
            }
            take_mark();
        }
        take(c);
    }
}

/// What looked like the begin of a mark is text.
void CsvReader::take_mark() {
    const auto seen = csv_byte_order_mark.substr(0, mark_);
    mark_ = csv_byte_order_mark.size();
    for (const char c : seen) take(c);
}

void CsvReader::take(char c) {
    if (state_ == State::after_cr) {
        state_ = State::cell_start;
        if (c == '\n') return;
    }
    if (state_ == State::quoted) {
        if (c == '"')
            state_ = State::quote_end;
        else
            cell_ += c;
    } else if (c == ',') {
        end_cell();
    } else if (c == '\n' || c == '\r') {
        end_row();
        state_ = c == '\r' ? State::after_cr : State::cell_start;
    } else if (c == '"' && state_ == State::cell_start) {
        state_ = State::quoted;
    } else if (c == '"' && state_ == State::quote_end) {
        cell_ += c;
        state_ = State::quoted;
    } else if (state_ == State::quote_end) {
        rows_.refuse(line_, "引号后面还有文字。有引号的单元格，里面的引号要写两个。",
                     "There is text behind a closing quote; quotes inside a quoted cell are doubled.");
    } else {
        cell_ += c;
        state_ = State::bare;
    }
    // A cell without an end must not fill the memory before it is judged.
    if (cell_.size() > cell_bytes_max_) end_cell();
}

void CsvReader::end_cell() {
    rows_.add_cell(std::move(cell_), line_);
    cell_.clear();
    state_ = State::cell_start;
}

void CsvReader::end_row() {
    end_cell();
    rows_.end_row(line_);
    ++line_;
}

Reading CsvReader::finish() {
    if (mark_ > 0 && mark_ < csv_byte_order_mark.size()) take_mark();
    if (state_ == State::quoted)
        rows_.refuse(line_, "单元格开头的引号没有结束。", "A quote at the start of a cell has no end.");
    if (state_ != State::after_cr && !rows_.fault()) end_row();
    return rows_.take();
}

}  // namespace livefair::table
