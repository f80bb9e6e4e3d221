#include "ledger/postgres_values.hpp"

#include <charconv>

#include "base/check.hpp"

namespace livefair::ledger::postgres {

namespace {

/// PostgreSQL's numbers of types (pg_type.dat).
enum Type : unsigned { unknown = 0, boolean = 16, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25, varchar = 1043, numeric = 1700 };

/// Most significant byte first.
std::array<char, 8> binary(std::int64_t integer) {
    std::array<char, 8> bytes{};
    auto bits = static_cast<std::uint64_t>(integer);
    for (std::size_t i = bytes.size(); i-- > 0; bits >>= 8U) bytes[i] = static_cast<char>(bits & 0xffU);
    return bytes;
}

/// Where the piece that begins at `at` ends: a text, a quoted name, a comment, or one character.
std::size_t end_of_piece(std::string_view sql, std::size_t at) {
    const char c = sql[at];
    if (c == '\'' || c == '"') {
        // A doubled quote reads as two pieces side by side, which comes to the same.
        const auto end = sql.find(c, at + 1);
        return end == std::string_view::npos ? sql.size() : end + 1;
    }
    if (sql.substr(at, 2) == "--") {
        const auto end = sql.find('\n', at);
        return end == std::string_view::npos ? sql.size() : end;
    }
    return at + 1;
}

bool is_number(std::string_view item) { return !item.empty() && item.find_first_not_of("0123456789") == std::string_view::npos; }

/// A text without quotes in it.
bool is_text(std::string_view item) {
    return item.size() >= 2 && item.front() == '\'' && item.back() == '\'' && item.substr(1, item.size() - 2).find('\'') == std::string_view::npos;
}

/// What stands between the commas of a list, without spaces around it. A comma in a text makes two items that are none.
std::vector<std::string_view> items_of(std::string_view list) {
    std::vector<std::string_view> items;
    for (;;) {
        const auto comma = list.find(',');
        auto item = list.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        items.push_back(item);
        if (comma == std::string_view::npos) return items;
        list.remove_prefix(comma + 1);
    }
}

void add_copy_text(std::string& lines, std::string_view text) {
    constexpr std::string_view special = "\\\t\n\r";
    for (;;) {
        const auto at = text.find_first_of(special);
        lines += text.substr(0, at);
        if (at == std::string_view::npos) return;
        lines += '\\';
        lines += "\\tnr"[special.find(text[at])];
        text.remove_prefix(at + 1);
    }
}

void add_copy_value(std::string& lines, const ValueView& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        std::array<char, 20> digits;
        lines.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *integer).ptr);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
        add_copy_text(lines, *text);
    } else {
        lines += "\\N";
    }
}

}  // namespace

Numbered number_parameters(std::string_view sql) {
    Numbered numbered;
    for (std::size_t at = 0; at < sql.size();) {
        const auto end = end_of_piece(sql, at);
        if (sql[at] == '?')
            numbered.sql += '$' + std::to_string(++numbered.parameters);
        else
            numbered.sql += sql.substr(at, end - at);
        at = end;
    }
    return numbered;
}

std::optional<CopyIn> copy_in(std::string_view sql) {
    constexpr std::string_view insert = "INSERT INTO ", word = "VALUES (";
    const auto begin = sql.find(word);
    if (!sql.starts_with(insert) || begin == std::string_view::npos || !sql.ends_with(')')) return std::nullopt;
    const auto open = begin + word.size();
    CopyIn copy{"COPY " + std::string(sql.substr(insert.size(), begin - insert.size())) + "FROM STDIN", {}};
    for (const auto item : items_of(sql.substr(open, sql.size() - open - 1))) {
        if (item == "?")
            copy.items.emplace_back();
        else if (is_number(item))
            copy.items.emplace_back(item);
        else if (is_text(item))
            copy.items.emplace_back(item.substr(1, item.size() - 2));
        else
            return std::nullopt;
    }
    return copy;
}

void add_copy_line(std::string& lines, const CopyIn& copy, std::span<const ValueView> row) {
    auto value = row.begin();
    for (const auto& constant : copy.items) {
        if (constant) {
            add_copy_text(lines, *constant);
        } else {
            LF_CHECK(value != row.end());
            add_copy_value(lines, *value++);
        }
        lines += '\t';
    }
    LF_CHECK(value == row.end());
    lines.back() = '\n';
}

std::string types_of(std::span<const ValueView> values) {
    std::string types;
    for (const auto& value : values) types += static_cast<char>('0' + value.index());
    return types;
}

std::vector<unsigned> declared(std::string_view types) {
    std::vector<unsigned> numbers;
    for (const char type : types) numbers.push_back(type == '1' ? int8 : type == '2' ? text : unknown);
    return numbers;
}

std::string text_array(std::span<const std::string> texts) {
    std::string array = "{";
    for (const auto& text : texts) {
        array += array.size() > 1 ? ",\"" : "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') array += '\\';
            array += c;
        }
        array += '"';
    }
    return array + '}';
}

void Parameters::add(std::span<const ValueView> values) {
    for (const auto& value : values) {
        std::string_view bytes;
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            const auto& kept = integers_.emplace_back(binary(*integer));
            bytes = {kept.data(), kept.size()};
        } else if (const auto* held = std::get_if<std::string_view>(&value)) {
            // Without an address it would be NULL.
            bytes = held->data() == nullptr ? std::string_view("") : *held;
        }
        pointers_.push_back(bytes.data());
        lengths_.push_back(static_cast<int>(bytes.size()));
        formats_.push_back(1);
    }
}

std::optional<Value> read_value(unsigned type, std::string_view from) {
    switch (type) {
        case text:
        case varchar:
        case name:
            return Value(std::string(from));
        case boolean:
            return Value(std::int64_t{from == "t" ? 1 : 0});
        case int8:
        case int4:
        case int2:
        case numeric: {
            std::int64_t integer = 0;
            const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), integer);
            if (error != std::errc() || end != from.data() + from.size()) return std::nullopt;
            return Value(integer);
        }
        default:
            return std::nullopt;
    }
}

Trouble trouble_of(std::string_view sqlstate) {
    if (sqlstate == "40001" || sqlstate == "40P01") return Trouble::crossed;
    const auto sql_class = sqlstate.substr(0, 2);
    if (sql_class == "22" || sql_class == "23") return Trouble::rule;
    if (sql_class == "08" || sqlstate.substr(0, 3) == "57P") return Trouble::lost;
    return Trouble::other;
}

}  // namespace livefair::ledger::postgres
