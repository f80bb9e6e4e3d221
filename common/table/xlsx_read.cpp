#include "table/xlsx_read.hpp"

#include <array>
#include <charconv>
#include <map>

#include "table/xlsx_package.hpp"

namespace livefair::table {
namespace {

constexpr std::int64_t lines_max = 1'048'576;  // of a sheet

/// The first sheet's relation.
class Workbook final : public XmlHandler {
public:
    void open(std::string_view name, Attributes attributes) override {
        if (name != "sheet" || !sheet.empty()) return;
        for (; *attributes != nullptr; attributes += 2)
            if (std::string_view(attributes[0]).ends_with(":id")) sheet = attributes[1];
    }
    bool goes_on() const override { return sheet.empty(); }
    std::string sheet;
};

/// What the workbook's parts are called.
class Relations final : public XmlHandler {
public:
    void open(std::string_view name, Attributes attributes) override {
        if (name != "Relationship" || targets.size() >= 1000) return;
        const std::string target(attribute(attributes, "Target"));
        const auto path = target.starts_with('/') ? target.substr(1) : "xl/" + target;
        targets.emplace(attribute(attributes, "Id"), path);
        if (attribute(attributes, "Type").ends_with("/sharedStrings")) strings = path;
    }
    std::map<std::string, std::string, std::less<>> targets;
    std::string strings;
};

/// Collects the text of <t>, up to a little over the limit: who adds it to a row is told then.
class TextHandler : public XmlHandler {
public:
    explicit TextHandler(const Limits& limits) : limits_(limits) {}
    void text(std::string_view part) final {
        if (takes_text_ && value_.size() <= limits_.cell_bytes_max) value_ += part;
    }

protected:
    const Limits limits_;
    std::string value_;
    bool takes_text_ = false;
};

/// Texts that cells name by number. Of a text in pieces (runs with fonts) all count, of its pronunciation none.
class SharedStrings final : public TextHandler {
public:
    using TextHandler::TextHandler;
    void open(std::string_view name, Attributes) override {
        if (name == "si") value_.clear();
        if (name == "rPh") is_pronunciation_ = true;
        if (name == "t") takes_text_ = !is_pronunciation_;
    }
    void close(std::string_view name) override {
        if (name == "t") takes_text_ = false;
        if (name == "rPh") is_pronunciation_ = false;
        if (name == "si") texts.push_back(std::move(value_));
    }
    bool goes_on() const override { return texts.size() <= limits_.rows_max * limits_.columns_max; }
    std::vector<std::string> texts;

private:
    bool is_pronunciation_ = false;
};

/// A number as a spreadsheet shows it: what is stored may have digits behind the fifteenth that nobody wrote.
std::string number_text(const std::string& stored) {
    double number = 0;
    const auto [end, error] = std::from_chars(stored.data(), stored.data() + stored.size(), number);
    if (error != std::errc() || end != stored.data() + stored.size()) return stored;
    std::array<char, 64> text;
    const auto written = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general, 15);
    return std::string(text.data(), written.ptr);
}

/// The column of a reference like "AB12", from 0; nothing when there is none.
std::optional<std::size_t> column_of(std::string_view reference) {
    std::size_t column = 0, letters = 0;
    for (; letters < reference.size() && reference[letters] >= 'A' && reference[letters] <= 'Z'; ++letters) {
        if (letters == 3) return std::nullopt;
        column = column * 26 + static_cast<std::size_t>(reference[letters] - 'A' + 1);
    }
    if (letters == 0) return std::nullopt;
    return column - 1;
}

class Sheet final : public TextHandler {
public:
    Sheet(const Limits& limits, const std::vector<std::string>& strings)
        : TextHandler(limits), rows(limits), strings_(strings) {}

    void open(std::string_view name, Attributes attributes) override {
        if (name == "row") begin_row(attribute(attributes, "r"));
        if (name == "c") begin_cell(attribute(attributes, "r"), attribute(attributes, "t"));
        if (name == "v" || name == "t") takes_text_ = true;
    }
    void close(std::string_view name) override {
        if (name == "v" || name == "t") takes_text_ = false;
        if (name == "c") end_cell();
        if (name == "row") rows.end_row(line_);
    }
    bool goes_on() const override { return !rows.fault(); }
    Rows rows;

private:
    void begin_row(std::string_view number) {
        std::int64_t line = line_ + 1;
        if (!number.empty()) std::from_chars(number.data(), number.data() + number.size(), line);
        if (line <= line_ || line > lines_max)
            rows.refuse(line_, "XLSX 文件的行号不对，请用 Excel 重新保存。",
                        "The XLSX file's rows are not in order; save it again.");
        else
            line_ = line;
    }

    void begin_cell(std::string_view reference, std::string_view type) {
        column_ = column_of(reference).value_or(rows.cells());
        type_ = type;
        value_.clear();
    }

    /// Cells without a text are left out, so that a coloured row does not count as thousands of them.
    void end_cell() {
        auto value = shown();
        if (value.empty()) return;
        if (column_ < rows.cells()) {
            rows.refuse(line_, "XLSX 文件的单元格顺序不对，请用 Excel 重新保存。",
                        "The XLSX file's cells are not in order; save it again.");
            return;
        }
        while (rows.cells() < column_)
            if (!rows.add_cell({}, line_)) return;
        rows.add_cell(std::move(value), line_);
    }

    std::string shown() {
        if (type_ == "s") {
            std::size_t number = 0;
            const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), number);
            const bool is_known =
                error == std::errc() && end == value_.data() + value_.size() && number < strings_.size();
            return is_known ? strings_[number] : std::string();
        }
        return type_.empty() || type_ == "n" ? number_text(value_) : std::move(value_);
    }

    const std::vector<std::string>& strings_;
    std::int64_t line_ = 0;
    std::size_t column_ = 0;
    std::string type_;
};

Reading refused(std::string message_zh, std::string message_en) {
    return {{}, Fault{0, std::move(message_zh), std::move(message_en)}};
}

Reading broken() {
    return refused("XLSX 文件已损坏或不是表格，请用 Excel 重新保存。",
                   "The XLSX file is broken or no table; save it again.");
}

Reading too_large() {
    return refused("XLSX 文件解压后太大，请分成几个文件。", "The XLSX file is too large when unpacked; split it.");
}

}  // namespace

Reading read_xlsx(std::string_view file, const Limits& limits) {
    Package package(file, limits.unpacked_bytes_max);
    if (!package.is_open()) return broken();
    Workbook workbook;
    Relations relations;
    if (package.parse("xl/workbook.xml", workbook) != Package::Parsed::done) return broken();
    if (package.parse("xl/_rels/workbook.xml.rels", relations) != Package::Parsed::done) return broken();
    const auto path = relations.targets.find(workbook.sheet);
    if (path == relations.targets.end()) return broken();
    SharedStrings strings(limits);
    if (!relations.strings.empty()) {
        const auto parsed = package.parse(relations.strings, strings);
        if (parsed == Package::Parsed::too_large || !strings.goes_on()) return too_large();
        if (parsed != Package::Parsed::done) return broken();
    }
    Sheet sheet(limits, strings.texts);
    const auto parsed = package.parse(path->second, sheet);
    if (parsed == Package::Parsed::too_large) return too_large();
    if (parsed != Package::Parsed::done) return broken();
    return sheet.rows.take();
}

}  // namespace livefair::table
