#include "api/product_table.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "api/catalog_checks.hpp"
#include "base/money.hpp"
#include "base/random.hpp"
#include "ledger/products.hpp"

namespace livefair::api {
namespace {

using Found = std::optional<Problem>;

/// Digits alone. Nothing when it is none or does not fit.
std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    if (text.empty() || text.front() == '-') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// "12", "12.5" or "12.50" yuan in fen. Nothing when it is none of these or does not fit.
std::optional<std::int64_t> fen_of(std::string_view text) {
    const auto dot = text.find('.');
    const auto yuan = whole_number(text.substr(0, dot));
    std::string cents(dot == std::string_view::npos ? "0" : text.substr(dot + 1));
    if (cents.size() == 1) cents += '0';
    const auto rest = whole_number(cents);
    if (!yuan || !rest || cents.size() != 2) return std::nullopt;
    const auto whole = Fen(*yuan).times(100);
    if (!whole) return std::nullopt;
    const auto sum = whole->plus(Fen(*rest));
    if (!sum) return std::nullopt;
    return sum->value();
}

std::string yuan_of(std::int64_t fen) {
    if (fen == 0) return {};
    const auto cents = std::to_string(fen % 100);
    return std::to_string(fen / 100) + (cents.size() == 1 ? ".0" : ".") + cents;
}

template <auto set>
Found read_number(v1::Product& product, const std::string& text) {
    const auto number = text.empty() ? 0 : whole_number(text);
    if (!number)
        return Problem{Errc::invalid_input, "必须是整数，不能有小数、负号和单位，也不能太大。",
                       "must be a whole number: no fraction, sign or unit, and not too large."};
    (product.*set)(*number);
    return {};
}

template <auto set>
Found read_money(v1::Product& product, const std::string& text) {
    const auto fen = text.empty() ? 0 : fen_of(text);
    if (!fen)
        return Problem{Errc::invalid_input, "必须是以元为单位的金额，最多两位小数，例如 12.80。",
                       "must be an amount in yuan with at most two decimals, for instance 12.80."};
    (product.*set)(*fen);
    return {};
}

Found read_age(v1::Product& product, const std::string& text) {
    const auto number = text.empty() ? 0 : whole_number(text);
    product.set_age_min(number && *number <= adult_age ? static_cast<std::int32_t>(*number) : -1);
    return {};
}

Found read_pictures(v1::Product& product, const std::string& text) {
    product.clear_picture_urls();
    std::istringstream urls(text);
    for (std::string url; urls >> url;) product.add_picture_urls(url);
    return {};
}

std::string pictures_of(const v1::Product& product) {
    std::string text;
    for (const auto& url : product.picture_urls()) text += (text.empty() ? "" : " ") + url;
    return text;
}

template <auto get>
std::string shown_text(const v1::Product& product) {
    return (product.*get)();
}

template <auto text_of>
Found read_text(v1::Product& product, const std::string& text) {
    *(product.*text_of)() = text;
    return {};
}

/// Zero is "not stated".
template <auto get>
std::string shown_number(const v1::Product& product) {
    const auto number = (product.*get)();
    return number == 0 ? std::string() : std::to_string(number);
}

template <auto get>
std::string shown_money(const v1::Product& product) {
    return yuan_of((product.*get)());
}

constexpr std::array<ProductColumn, 18> all_columns = {{
    {"供应商编号", "supplierId", false, shown_text<&v1::Product::supplier_id>,
     read_text<&v1::Product::mutable_supplier_id>},
    {"SKU", "sku", true, shown_text<&v1::Product::sku>, read_text<&v1::Product::mutable_sku>},
    {"名称", "title", true, shown_text<&v1::Product::title>, read_text<&v1::Product::mutable_title>},
    {"单位", "unit", true, shown_text<&v1::Product::unit>, read_text<&v1::Product::mutable_unit>},
    {"净重(克)", "netWeightG", true, shown_number<&v1::Product::net_weight_g>,
     read_number<&v1::Product::set_net_weight_g>},
    {"产地代码", "originCode", true, shown_text<&v1::Product::origin_code>,
     read_text<&v1::Product::mutable_origin_code>},
    {"产地", "originName", true, shown_text<&v1::Product::origin_name>, read_text<&v1::Product::mutable_origin_name>},
    {"价格(元)", "priceFen", false, shown_money<&v1::Product::price_fen>, read_money<&v1::Product::set_price_fen>},
    {"计价单位", "pricingUnit", false, shown_text<&v1::Product::pricing_unit>,
     read_text<&v1::Product::mutable_pricing_unit>},
    {"划线价(元)", "listPriceFen", false, shown_money<&v1::Product::list_price_fen>,
     read_money<&v1::Product::set_list_price_fen>},
    {"划线价依据", "listPriceBasis", false, shown_text<&v1::Product::list_price_basis>,
     read_text<&v1::Product::mutable_list_price_basis>},
    {"最低年龄", "ageMin", false, shown_number<&v1::Product::age_min>, read_age},
    {"受益户数", "households", false, shown_number<&v1::Product::households>,
     read_number<&v1::Product::set_households>},
    {"受益人数", "people", false, shown_number<&v1::Product::people>, read_number<&v1::Product::set_people>},
    {"供应商名称", "supplierName", false, shown_text<&v1::Product::supplier_name>,
     read_text<&v1::Product::mutable_supplier_name>},
    {"供应商联系方式", "supplierContact", false, shown_text<&v1::Product::supplier_contact>,
     read_text<&v1::Product::mutable_supplier_contact>},
    {"图片", "pictureUrl", false, shown_text<&v1::Product::picture_url>, read_text<&v1::Product::mutable_picture_url>},
    {"更多图片", "pictureUrls", false, pictures_of, read_pictures},
}};

std::string trimmed(const std::string& text) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::string cell_of(const table::Row& row, std::size_t column) {
    return column < row.cells.size() ? trimmed(row.cells[column]) : std::string();
}

/// The cell of a field, by its column in the table; empty when the table has none.
std::string cell_of(const ProductColumns& columns, const table::Row& row, std::string_view field) {
    for (std::size_t i = 0; i < columns.columns.size(); ++i)
        if (columns.columns[i]->field == field) return cell_of(row, i);
    return {};
}

/// Says of the column what the problem says of the field.
RowOutcome refused(RowOutcome outcome, const ProductColumns& columns, const table::Row& row, const std::string& field,
                   Problem problem) {
    outcome.kind = RowOutcome::Kind::refused;
    outcome.value = cell_of(columns, row, field);
    for (const auto& column : all_columns)
        if (column.field == field) outcome.column = column.title;
    const auto named_zh = "“" + field + "”", named_en = "\"" + field + "\"";
    const auto title_zh = "“" + outcome.column + "”", title_en = "\"" + outcome.column + "\"";
    const bool is_named = problem.message_zh.starts_with(named_zh);
    problem.message_zh = title_zh + (is_named ? problem.message_zh.substr(named_zh.size()) : problem.message_zh);
    problem.message_en =
        title_en + " " + (is_named ? problem.message_en.substr(named_en.size() + 1) : problem.message_en);
    outcome.problem = std::move(problem);
    return outcome;
}

/// The text that a table's cells make of a product. The first refusal, or none.
std::optional<RowOutcome> read_cells(const ProductColumns& columns, const table::Row& row, v1::Product& product) {
    for (std::size_t i = 0; i < columns.columns.size(); ++i) {
        const auto& column = *columns.columns[i];
        if (auto problem = column.read(product, cell_of(row, i)))
            return refused({}, columns, row, std::string(column.field), std::move(*problem));
    }
    for (auto i = columns.columns.size(); i < row.cells.size(); ++i)
        if (!trimmed(row.cells[i]).empty())
            return RowOutcome{RowOutcome::Kind::refused,
                              {},
                              {},
                              trimmed(row.cells[i]),
                              Problem{Errc::invalid_input, "这一行的单元格比表头多，请对齐。",
                                      "This row has more cells than the header."}};
    return std::nullopt;
}

Result<> write_row(ledger::Database& db, v1::Product& product, bool is_new, std::int64_t now_ms) {
    if (!is_new) return ledger::change_product(db, product);
    product.set_id(random_hex(8));
    return ledger::create_product(db, product, now_ms);
}

}  // namespace

std::vector<std::string> product_header() {
    std::vector<std::string> header;
    for (const auto& column : all_columns) header.emplace_back(column.title);
    return header;
}

std::vector<std::string> product_row(const v1::Product& product) {
    std::vector<std::string> row;
    for (const auto& column : all_columns) row.push_back(column.shown(product));
    return row;
}

ProductColumns product_columns(const table::Row& header) {
    ProductColumns found;
    for (std::size_t i = 0; i < header.cells.size(); ++i) {
        const auto name = cell_of(header, i);
        const auto known = std::find_if(all_columns.begin(), all_columns.end(), [&](const ProductColumn& column) {
            return column.title == name || column.field == name;
        });
        if (known == all_columns.end() ||
            std::find(found.columns.begin(), found.columns.end(), &*known) != found.columns.end()) {
            found.problem =
                Problem{Errc::invalid_input,
                        "第 " + std::to_string(i + 1) + " 列的表头“" + name + "”不认识或重复，请对照导出的表格。",
                        "The header of column " + std::to_string(i + 1) + ", \"" + name +
                            "\", is unknown or comes twice; compare with an exported table."};
            return found;
        }
        found.columns.push_back(&*known);
    }
    for (const auto& column : all_columns)
        if (column.is_required && std::find(found.columns.begin(), found.columns.end(), &column) == found.columns.end())
            found.problem = Problem{Errc::invalid_input, "缺少“" + std::string(column.title) + "”列。",
                                    "The column \"" + std::string(column.title) + "\" is missing."};
    return found;
}

Result<RowOutcome> take_product_row(ledger::Database& db, const ProductColumns& columns, const table::Row& row,
                                    std::int64_t now_ms, bool writes) {
    const auto sku = cell_of(columns, row, "sku"), supplier = cell_of(columns, row, "supplierId");
    RowOutcome outcome{RowOutcome::Kind::unchanged, supplier + "\n" + sku, {}, {}, {}};
    if (sku.empty())
        return refused(std::move(outcome), columns, row, "sku",
                       Problem{Errc::invalid_input, "不能为空。", "must not be empty."});
    const auto known = ledger::find_product_by_sku(db, supplier, sku);
    if (!known) return known.error();
    auto product = known->value_or(v1::Product());
    if (auto unread = read_cells(columns, row, product)) {
        unread->key = outcome.key;
        return std::move(*unread);
    }
    auto problem = check(product);
    if (!problem) {
        auto facts = check_facts(db, product, *known ? &**known : nullptr, now_ms);
        if (!facts) return facts.error();
        problem = std::move(*facts);
    }
    if (problem) {
        const auto field = problem->field;
        return refused(std::move(outcome), columns, row, field, std::move(*problem));
    }
    if (*known && product.SerializeAsString() == (*known)->SerializeAsString()) return outcome;
    outcome.kind = *known ? RowOutcome::Kind::changed : RowOutcome::Kind::created;
    const auto frozen = *known ? ledger::frozen_field(db, product) : Result<std::string>(std::string());
    if (!frozen) return frozen.error();
    if (!frozen->empty())
        return refused(std::move(outcome), columns, row, *frozen,
                       Problem{Errc::conflict, "不能再改：已有场次备了这个商品的库存。请用新的 SKU。",
                               "can't change any more: shows have stock of this product. Use another SKU."});
    if (!writes) return outcome;
    const auto written = write_row(db, product, !*known, now_ms);
    if (!written) return written.error();
    return outcome;
}

RowOutcome repeated_row(RowOutcome outcome, std::int64_t first_line) {
    outcome.kind = RowOutcome::Kind::refused;
    outcome.column = "SKU";
    outcome.value = outcome.key.substr(outcome.key.find('\n') + 1);
    outcome.problem =
        Problem{Errc::invalid_input, "同一供应商的这个 SKU 在第 " + std::to_string(first_line) + " 行已经有了。",
                "This SKU of the same supplier is on line " + std::to_string(first_line) + " already."};
    return outcome;
}

}  // namespace livefair::api
