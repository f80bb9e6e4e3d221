#include "ledger/postgres_values.hpp"

#include <charconv>

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

/// A text without quotes in it, or a number.
bool is_constant(std::string_view item) {
    if (item.size() >= 2 && item.front() == '\'' && item.back() == '\'') return item.substr(1, item.size() - 2).find('\'') == std::string_view::npos;
    return !item.empty() && item.find_first_not_of("0123456789") == std::string_view::npos;
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

void add_text(std::string& array, std::string_view text) {
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') array += '\\';
        array += c;
    }
    array += '"';
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

std::optional<std::string> insert_from_arrays(std::string_view sql, std::string_view types) {
    constexpr std::string_view word = "VALUES (";
    const auto begin = sql.find(word);
    if (!sql.starts_with("INSERT INTO ") || begin == std::string_view::npos) return std::nullopt;
    const auto open = begin + word.size();
    const auto close = sql.find(')', open);
    if (close == std::string_view::npos) return std::nullopt;
    // ON CONFLICT DO UPDATE may not touch a row twice in one statement.
    const auto rest = sql.substr(close + 1);
    if (!rest.empty() && rest != " ON CONFLICT DO NOTHING") return std::nullopt;
    std::string select, arrays, names;
    std::size_t parameters = 0;
    for (const auto item : items_of(sql.substr(open, close - open))) {
        if (!select.empty()) select += ", ";
        if (item != "?") {
            if (!is_constant(item)) return std::nullopt;
            select += item;
            continue;
        }
        if (parameters >= types.size() || (types[parameters] != '1' && types[parameters] != '2')) return std::nullopt;
        const auto name = 'c' + std::to_string(parameters);
        select += name;
        names += (parameters == 0 ? "" : ", ") + name;
        arrays += std::string(parameters == 0 ? "" : ", ") + (types[parameters] == '1' ? "CAST(? AS BIGINT[])" : "CAST(? AS TEXT[])");
        ++parameters;
    }
    if (parameters == 0) return std::nullopt;
    return std::string(sql.substr(0, begin)) + "SELECT " + select + " FROM unnest(" + arrays + ") AS rows (" + names + ')' + std::string(rest);
}

std::string types_of(std::span<const Value> values) {
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
    for (const auto& text : texts) add_text(array, text);
    return array + '}';
}

std::string column_array(std::span<const std::vector<Value>> rows, std::size_t column) {
    std::string array = "{";
    for (const auto& row : rows) {
        if (const auto* integer = std::get_if<std::int64_t>(&row[column]))
            array += (array.size() > 1 ? "," : "") + std::to_string(*integer);
        else
            add_text(array, std::get<std::string>(row[column]));
    }
    return array + '}';
}

void Parameters::add(std::span<const Value> values) {
    for (const auto& value : values) {
        std::string_view bytes;
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            const auto& kept = integers_.emplace_back(binary(*integer));
            bytes = {kept.data(), kept.size()};
        } else if (const auto* held = std::get_if<std::string>(&value)) {
            bytes = *held;
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
