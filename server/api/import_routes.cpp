#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/supply.pb.h>

#include <map>

#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/product_table.hpp"
#include "api/query.hpp"
#include "ledger/ledger.hpp"
#include "ledger/products.hpp"
#include "table/csv.hpp"
#include "table/xlsx_write.hpp"

namespace livefair::api {
namespace {

constexpr std::size_t rows_a_page = 200;
constexpr std::size_t value_bytes_told = 180;
/// What one exported table holds: as many as can be imported again at once.
constexpr std::size_t products_a_table = 4999;
constexpr std::int64_t products_a_page = 500;

using Page = std::vector<table::Row>;

/// The next rows, at most a page of them.
Page page_of(const std::vector<table::Row>& rows, std::size_t first) {
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin, begin + static_cast<std::ptrdiff_t>(std::min(rows_a_page, rows.size() - first))};
}

Result<std::vector<RowOutcome>> take_page(ledger::Database& db, const ProductColumns& columns, const Page& page,
                                          std::int64_t now_ms, bool writes) {
    std::vector<RowOutcome> outcomes;
    for (const auto& row : page) {
        auto taken = take_product_row(db, columns, row, now_ms, writes);
        if (!taken) return taken.error();
        // It was checked before: somebody else has changed the catalogue since.
        if (writes && taken->kind == RowOutcome::Kind::refused) return make_error_code(Errc::conflict);
        outcomes.push_back(std::move(*taken));
    }
    return outcomes;
}

/// At most so many bytes, without half a character at the end.
std::string shortened(const std::string& text) {
    auto end = std::min(text.size(), value_bytes_told);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

void note_refusal(v1::ImportReport& report, std::int64_t line, const RowOutcome& outcome) {
    report.set_refused(report.refused() + 1);
    auto& refusal = *report.add_refusals();
    refusal.set_line(line);
    refusal.set_column(outcome.column);
    refusal.set_value(shortened(outcome.value));
    refusal.set_message_zh(outcome.problem->message_zh);
    refusal.set_message_en(outcome.problem->message_en);
}

void count(v1::ImportReport& report, RowOutcome::Kind kind) {
    if (kind == RowOutcome::Kind::created) report.set_created(report.created() + 1);
    if (kind == RowOutcome::Kind::changed) report.set_changed(report.changed() + 1);
    if (kind == RowOutcome::Kind::unchanged) report.set_unchanged(report.unchanged() + 1);
}

/// Checks all rows; refusals are in the report.
net::Task<Result<>> check_rows(Services& services, ProductColumns columns, const std::vector<table::Row>& rows,
                               v1::ImportReport& report) {
    std::map<std::string, std::int64_t> lines;  // of each key, the first that has it
    for (std::size_t first = 0; first < rows.size(); first += rows_a_page) {
        auto check = [columns, page = page_of(rows, first), now_ms = services.clock.unix_ms()](ledger::Database& db) {
            return take_page(db, columns, page, now_ms, false);
        };
        Result<std::vector<RowOutcome>> checked = co_await services.ledger.read(std::move(check));
        if (!checked) co_return checked.error();
        for (std::size_t i = 0; i < checked->size(); ++i) {
            auto& outcome = (*checked)[i];
            const auto line = rows[first + i].line;
            const auto [known, is_new] = lines.emplace(outcome.key, line);
            if (outcome.kind != RowOutcome::Kind::refused && !is_new)
                outcome = repeated_row(std::move(outcome), known->second);
            if (outcome.kind == RowOutcome::Kind::refused) note_refusal(report, line, outcome);
        }
    }
    co_return Result<>();
}

/// Writes page by page, so that a long table does not hold up the sale. What was written before an error stays; the
/// same table again does the rest.
net::Task<Result<>> write_rows(Services& services, ProductColumns columns, const std::vector<table::Row>& rows,
                               v1::ImportReport& report) {
    for (std::size_t first = 0; first < rows.size(); first += rows_a_page) {
        auto write = [columns, page = page_of(rows, first), now_ms = services.clock.unix_ms()](ledger::Database& db) {
            return take_page(db, columns, page, now_ms, true);
        };
        const Result<std::vector<RowOutcome>> written = co_await services.ledger.write(std::move(write));
        if (!written) co_return written.error();
        for (const auto& outcome : *written) count(report, outcome.kind);
    }
    co_return Result<>();
}

Problem problem_of_fault(const table::Fault& fault) {
    const auto line = std::to_string(fault.line);
    if (fault.line == 0) return {Errc::invalid_input, fault.message_zh, fault.message_en};
    return {Errc::invalid_input, "第 " + line + " 行：" + fault.message_zh, "Line " + line + ": " + fault.message_en};
}

/// Errors: too_large - there are more than one table may hold.
net::Task<Result<std::vector<std::vector<std::string>>>> read_products(Services& services, std::string supplier) {
    std::vector<std::vector<std::string>> rows{product_header()};
    for (ProductId after;;) {
        auto read = [supplier, after](ledger::Database& db) {
            return ledger::products_page(db, supplier, after, products_a_page);
        };
        const Result<std::vector<v1::Product>> page = co_await services.ledger.read(std::move(read));
        if (!page) co_return page.error();
        if (page->empty()) co_return rows;
        if (rows.size() + page->size() > products_a_table + 1) co_return make_error_code(Errc::too_large);
        for (const auto& product : *page) rows.push_back(product_row(product));
        after = ProductId(page->back().id());
    }
}

net::HttpResponse download(std::string bytes, const std::string& type, const std::string& name) {
    auto response = net::HttpResponse::text(200, std::move(bytes), type);
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace

net::Task<net::HttpResponse> import_products(Services& services, Call call) {
    auto reading = table::read_table(call.request.body);
    if (reading.fault) co_return refuse(problem_of_fault(*reading.fault));
    if (reading.rows.size() < 2)
        co_return refuse(
            Problem{Errc::invalid_input, "表格里没有商品，第一行是表头，从第二行起每行一个商品。",
                    "There are no products in the table: the first row is the header, each row below it a product."});
    const auto columns = product_columns(reading.rows.front());
    if (columns.problem) co_return refuse(*columns.problem);
    reading.rows.erase(reading.rows.begin());
    v1::ImportReport report;
    report.set_rows(static_cast<std::int64_t>(reading.rows.size()));
    const Result<> checked = co_await check_rows(services, columns, reading.rows, report);
    if (!checked) co_return refuse(checked.error());
    if (report.refused() > 0) co_return answer(report, 422);
    const Result<> written = co_await write_rows(services, columns, reading.rows, report);
    if (!written && written.error() == Errc::conflict)
        co_return refuse(Problem{
            Errc::conflict, "导入时目录被别人改动，只写入了前面的一部分，请把同一个文件再传一次。",
            "Somebody changed the catalogue meanwhile; only the first rows are written. Send the same file again."});
    if (!written) co_return refuse(written.error());
    report.set_written(true);
    co_return answer(report);
}

net::Task<net::HttpResponse> export_products(Services& services, Call call) {
    const auto format = text_of(call.request, "format");
    if (format != "csv" && format != "xlsx")
        co_return refuse(bad_field("format", "必须是 csv 或 xlsx", "must be csv or xlsx"));
    const auto supplier = text_of(call.request, "supplier");
    if (!supplier.empty() && !is_id_text(supplier))
        co_return refuse(bad_field("supplier", "不是供应商的编号", "is no id of a supplier"));
    const Result<std::vector<std::vector<std::string>>> rows = co_await read_products(services, supplier);
    if (!rows && rows.error() == Errc::too_large)
        co_return refuse(Problem{Errc::too_large, "商品超过 4999 个，请按供应商分别导出（supplier=供应商编号）。",
                                 "There are more than 4999 products; export them by supplier (supplier=ID)."});
    if (!rows) co_return refuse(rows.error());
    if (format == "xlsx") {
        auto file = table::write_xlsx("商品", *rows);
        if (!file) co_return refuse(file.error());
        co_return download(std::move(*file), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                           "products.xlsx");
    }
    std::string text(table::csv_byte_order_mark);
    for (const auto& row : *rows) text += table::csv_row(row);
    co_return download(std::move(text), "text/csv; charset=utf-8", "products.csv");
}

}  // namespace livefair::api
