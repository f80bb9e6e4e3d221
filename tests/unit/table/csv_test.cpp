#include "table/csv.hpp"

#include <catch2/catch.hpp>

using namespace livefair;
using table::Reading;

namespace {

Reading read(std::string_view text, std::size_t size = 1'000'000, const table::Limits& limits = {}) {
    table::CsvReader reader(limits);
    for (std::size_t at = 0; at < text.size(); at += size) reader.feed(text.substr(at, size));
    return reader.finish();
}

/// Rows as "line:a|b".
std::vector<std::string> shown(const Reading& reading) {
    std::vector<std::string> rows;
    for (const auto& row : reading.rows) {
        std::string text = std::to_string(row.line) + ":";
        for (std::size_t i = 0; i < row.cells.size(); ++i) text += (i == 0 ? "" : "|") + row.cells[i];
        rows.push_back(text);
    }
    return rows;
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("a cell of a table never runs in a spreadsheet and never breaks its row", "[table]") {
    CHECK(table::csv_cell("王小明") == "王小明");
    CHECK(table::csv_cell("") == "");
    for (const auto* text : {"=1+1", "+86", "-1", "@sum", "\tx"})
        CHECK(table::csv_cell(text) == "'" + std::string(text));
    CHECK(table::csv_cell("\rx") == "\"'\rx\"");
    CHECK(table::csv_cell("=HYPERLINK(\"http://evil\",\"x\")") == "\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\"");
    CHECK(table::csv_cell("a,b") == "\"a,b\"");
    CHECK(table::csv_cell("a\r\nb") == "\"a\r\nb\"");
    CHECK(table::csv_cell("a\"b") == "\"a\"\"b\"");
    CHECK(table::csv_row({"", "a", ""}) == ",a,\r\n");
}

TEST_CASE("a CSV comes out the same in pieces of any size", "[table]") {
    const std::string text = "\xEF\xBB\xBF\"名称\",单位\r\n\"一号,\"\"红\"\"\r\n橙\",箱\n\n,,\r茶,'=袋\r\n";
    const Rows wanted{"1:名称|单位", "2:一号,\"红\"\r\n橙|箱", "5:茶|=袋"};
    for (std::size_t size = 1; size <= 64; ++size) {
        const auto reading = read(text, size);
        REQUIRE_FALSE(reading.fault);
        CHECK(shown(reading) == wanted);
    }
}

TEST_CASE("what is no byte order mark is text, whole or in part", "[table]") {
    CHECK(shown(read("\xEF\xBB\xBF"
                     "a")) == Rows{"1:a"});
    CHECK(shown(read("")).empty());
    CHECK(shown(read("\xEF\xBC\x8C,a", 1)) == Rows{"1:，|a"});
    CHECK(read("\xEF\xBB", 1).fault->message_en.find("UTF-8") != std::string::npos);
}

TEST_CASE("the last row needs no line end, and a cell may hold nothing", "[table]") {
    CHECK(shown(read("a,\nb,\"\"")) == Rows{"1:a|", "2:b|"});
    CHECK(shown(read("a\r")) == Rows{"1:a"});
    CHECK(shown(read("5\" pipe,x")) == Rows{"1:5\" pipe|x"});
}

TEST_CASE("a table in GBK is refused with what to do", "[table]") {
    const auto reading = read("SKU,\xC3\xFB\xB3\xC6\r\n");
    REQUIRE(reading.fault);
    CHECK(reading.fault->line == 1);
    CHECK(reading.fault->message_zh.find("CSV UTF-8") != std::string::npos);
    CHECK(read(std::string("a\0b", 3)).fault);
    CHECK(read("\xFF\xFE"
               "a")
              .fault);
}

TEST_CASE("quotes that don't match are refused at their line", "[table]") {
    CHECK(read("a\n\"b\"c\n").fault->line == 2);
    CHECK(read("a\nb\n\"c").fault->line == 3);
    CHECK_FALSE(read("a\nb\n\"c\"").fault);
}

TEST_CASE("limits on a table hold in pieces of any size", "[table]") {
    table::Limits limits;
    limits.rows_max = 2;
    limits.columns_max = 3;
    limits.cell_bytes_max = 5;
    limits.cells_bytes_max = 12;
    for (const std::size_t size : {1, 2, 7, 1000}) {
        CHECK_FALSE(read("a,b,c\n\n12345,6\n\n\n", size, limits).fault);
        CHECK(read("a,b,c,d\n", size, limits).fault->line == 1);
        CHECK(read("a\nb\nc\n", size, limits).fault->line == 3);
        CHECK(read("a\n123456\n", size, limits).fault->line == 2);
        CHECK(read("12345,12345\n123,4\n", size, limits).fault->line == 2);
        CHECK(read("a\n\"" + std::string(100'000, 'x'), size, limits).fault->line == 2);
    }
}

TEST_CASE("what a row's cells become in a CSV is read back", "[table]") {
    const std::vector<std::string> cells = {"=1+1", "-5", "+86", "@x", "a,b", "\"", "a\nb", "", "'x", "橙"};
    const auto reading = read(table::csv_row(cells));
    REQUIRE(reading.rows.size() == 1);
    CHECK(reading.rows[0].cells == cells);
}

TEST_CASE("a file is told by its first bytes", "[table]") {
    CHECK(shown(table::read_table("a,b\n")) == Rows{"1:a|b"});
    CHECK(table::read_table("\xD0\xCF\x11\xE0 old").fault->message_en.find("XLSX") != std::string::npos);
    CHECK(table::read_table("PK\x03\x04 no zip").fault->message_en.find("broken") != std::string::npos);
}
