#include "table/table.hpp"

#include <algorithm>

#include "net/utf8.hpp"
#include "table/csv.hpp"
#include "table/xlsx_read.hpp"

namespace livefair::table {
namespace {

/// Takes the apostrophe off that csv_cell() put on.
std::string restored(std::string cell) {
    if (cell.size() > 1 && cell.front() == '\'' && is_run(std::string_view(cell).substr(1))) cell.erase(0, 1);
    return cell;
}

Reading refused(std::string message_zh, std::string message_en) {
    return {{}, Fault{0, std::move(message_zh), std::move(message_en)}};
}

}  // namespace

bool Rows::refuse(std::int64_t line, std::string message_zh, std::string message_en) {
    if (!fault_) fault_ = Fault{line, std::move(message_zh), std::move(message_en)};
    return false;
}

bool Rows::add_cell(std::string cell, std::int64_t line) {
    if (row_.cells.size() >= limits_.columns_max) {
        const auto most = std::to_string(limits_.columns_max);
        return refuse(line, "列太多，最多 " + most + " 列。", "Too many columns; at most " + most + ".");
    }
    bytes_ += cell.size();
    if (cell.size() > limits_.cell_bytes_max || bytes_ > limits_.cells_bytes_max)
        return refuse(line, "单元格里的文字太多，请缩短。",
                      "A cell, or all of them together, holds too much text; make it shorter.");
    if (!net::is_utf8(cell) || cell.find('\0') != std::string::npos)
        return refuse(
            line, "文件不是 UTF-8 编码（可能是 GBK）。请在 Excel 里另存为“CSV UTF-8（逗号分隔）”，或直接上传 XLSX。",
            "The file is not UTF-8 (it may be GBK). Save it as \"CSV UTF-8 (comma delimited)\", or send the XLSX "
            "itself.");
    row_.cells.push_back(restored(std::move(cell)));
    return true;
}

bool Rows::end_row(std::int64_t line) {
    const bool is_empty = std::all_of(row_.cells.begin(), row_.cells.end(), [](const std::string& cell) {
        return cell.find_first_not_of(' ') == std::string::npos;
    });
    Row row;
    std::swap(row, row_);
    if (is_empty) return true;
    if (rows_.size() >= limits_.rows_max) {
        const auto most = std::to_string(limits_.rows_max - 1);
        return refuse(line, "行太多，一次最多 " + most + " 行，请分成几个文件。",
                      "Too many rows; at most " + most + " at once. Split the file.");
    }
    row.line = line;
    rows_.push_back(std::move(row));
    return true;
}

Reading Rows::take() {
    return {std::move(rows_), std::move(fault_)};
}

Reading read_table(std::string_view file, const Limits& limits) {
    if (file.starts_with("PK\x03\x04")) return read_xlsx(file, limits);
    if (file.starts_with("\xD0\xCF\x11\xE0"))
        return refused("这是旧版 XLS 或加密的文件，请在 Excel 里另存为不加密的 XLSX。",
                       "This is an old XLS or an encrypted file; save it as an XLSX without a password.");
    CsvReader reader(limits);
    reader.feed(file);
    return reader.finish();
}

}  // namespace livefair::table
