#include <zip.h>

#include <catch2/catch.hpp>
#include <map>

#include "table/xlsx_read.hpp"
#include "table/xlsx_write.hpp"

using namespace livefair;
using table::Reading;

namespace {

using Parts = std::map<std::string, std::string>;

/// A ZIP file of these parts.
std::string packed(const Parts& parts) {
    zip_error_t error;
    zip_error_init(&error);
    auto* buffer = zip_source_buffer_create(nullptr, 0, 0, &error);
    auto* archive = zip_open_from_source(buffer, ZIP_TRUNCATE, &error);
    REQUIRE(archive != nullptr);
    zip_source_keep(buffer);
    for (const auto& [name, text] : parts)
        REQUIRE(zip_file_add(archive, name.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0), 0) >= 0);
    REQUIRE(zip_close(archive) == 0);
    REQUIRE(zip_source_open(buffer) == 0);
    zip_stat_t stat;
    zip_source_stat(buffer, &stat);
    std::string bytes(stat.size, '\0');
    zip_source_read(buffer, bytes.data(), bytes.size());
    zip_source_free(buffer);
    return bytes;
}

Parts workbook(const std::string& rows, const std::string& strings = "") {
    return {
        {"xl/workbook.xml",
         R"(<x:workbook xmlns:x="m" xmlns:r="r"><x:sheets><x:sheet name="a" r:id="rId7"/><x:sheet name="b" r:id="rId8"/></x:sheets></x:workbook>)"},
        {"xl/_rels/workbook.xml.rels",
         R"(<Relationships><Relationship Id="rId8" Type="t/worksheet" Target="worksheets/other.xml"/><Relationship Id="rId7" Type="t/worksheet" Target="/xl/worksheets/first.xml"/>)"
         R"(<Relationship Id="rId9" Type="t/sharedStrings" Target="strings.xml"/></Relationships>)"},
        {"xl/strings.xml", "<sst>" + strings + "</sst>"},
        {"xl/worksheets/first.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"}};
}

Reading read(const Parts& parts, const table::Limits& limits = {}) {
    return table::read_xlsx(packed(parts), limits);
}

using Cells = std::vector<std::string>;

}  // namespace

TEST_CASE("what is written as XLSX is read back, codes with their zeros and formulas as texts", "[table]") {
    const std::vector<Cells> rows = {{"SKU", "名称", "价格"}, {"007", "=1+1", "12.80"}, {"a\nb", "", "\"<&>\""}};
    const auto file = table::write_xlsx("商品", rows);
    REQUIRE(file.has_value());
    CHECK(file->starts_with("PK"));
    const auto reading = table::read_xlsx(*file, {});
    REQUIRE_FALSE(reading.fault);
    REQUIRE(reading.rows.size() == 3);
    for (std::size_t i = 0; i < rows.size(); ++i) CHECK(reading.rows[i].cells == rows[i]);
}

TEST_CASE("the first sheet of the workbook is read, with all kinds of cells", "[table]") {
    const auto reading = read(workbook(
        R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>内</t></is></c></row>)"
        R"(<row r="4"><c r="A4"><v>12.800000000000001</v></c><c r="B4"><v>6901234567890</v></c><c r="C4" t="str"><f>A1+1</f><v>答</v></c><c r="D4" t="b"><v>1</v></c></row>)"
        R"(<row r="5"><c r="XFD5" s="3"/></row>)",
        "<si><r><t>红</t></r><r><t>橙</t></r><rPh><t>hong</t></rPh></si>"));
    REQUIRE_FALSE(reading.fault);
    REQUIRE(reading.rows.size() == 2);
    CHECK(reading.rows[0].cells == Cells{"红橙", "", "内"});
    CHECK(reading.rows[1].line == 4);
    CHECK(reading.rows[1].cells == Cells{"12.8", "6901234567890", "答", "1"});
}

TEST_CASE("a ZIP bomb is refused before it is unpacked", "[table]") {
    table::Limits limits;
    limits.unpacked_bytes_max = 1'000'000;
    auto parts = workbook("<row r=\"1\"/>");
    parts["xl/strings.xml"] = "<sst>" + std::string(5'000'000, ' ') + "</sst>";
    CHECK(read(parts, limits).fault->message_en.find("too large") != std::string::npos);
    CHECK(read(workbook(std::string(5'000'000, ' ')), limits).fault->message_en.find("too large") != std::string::npos);
    limits.rows_max = 10;
    limits.columns_max = 10;
    std::string many;
    for (int i = 0; i < 200; ++i) many += "<si/>";
    CHECK(read(workbook("", many), limits).fault->message_en.find("too large") != std::string::npos);
}

TEST_CASE("one shared text in many cells counts in each of them", "[table]") {
    table::Limits limits;
    limits.cells_bytes_max = 5000;
    std::string rows;
    for (int i = 1; i <= 10; ++i) rows += "<row r=\"" + std::to_string(i) + R"("><c t="s"><v>0</v></c></row>)";
    const auto strings = "<si><t>" + std::string(1000, 'x') + "</t></si>";
    CHECK(read(workbook(rows, strings), limits).fault->line == 6);
}

TEST_CASE("entities and documents types are refused", "[table]") {
    auto parts = workbook(R"(<row r="1"><c t="str"><v>&a;</v></c></row>)");
    auto& sheet = parts["xl/worksheets/first.xml"];
    sheet = R"(<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>)" + sheet;
    CHECK(read(parts).fault);
    sheet = "<!DOCTYPE x><worksheet/>";
    CHECK(read(parts).fault);
}

TEST_CASE("limits on rows, columns and cells hold for XLSX", "[table]") {
    table::Limits limits;
    limits.rows_max = 2;
    limits.columns_max = 2;
    limits.cell_bytes_max = 5;
    const auto row = [](int line, const std::string& cell) {
        return "<row r=\"" + std::to_string(line) + "\">" + cell + "</row>";
    };
    CHECK_FALSE(
        read(workbook(row(1, R"(<c r="B1"><v>1</v></c>)") + row(9, R"(<c t="str"><v>12345</v></c>)")), limits).fault);
    CHECK(read(workbook(row(3, R"(<c r="C3"><v>1</v></c>)")), limits).fault->line == 3);
    CHECK(read(workbook(row(1, "<c><v>1</v></c>") + row(2, "<c><v>1</v></c>") + row(3, "<c><v>1</v></c>")), limits)
              .fault->line == 3);
    CHECK(read(workbook(row(1, R"(<c t="str"><v>123456</v></c>)")), limits).fault->line == 1);
}

TEST_CASE("an XLSX that lies about its rows and cells is refused", "[table]") {
    CHECK(read(workbook(R"(<row r="2"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>)")).fault);
    CHECK(read(workbook(R"(<row r="9999999999"><c><v>1</v></c></row>)")).fault);
    CHECK(read(workbook(R"(<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>)")).fault);
    CHECK(read(workbook(R"(<row r="1"><c r="AAAAAAA1"><v>1</v></c></row>)")).rows.size() == 1);
    CHECK(read(workbook(R"(<row r="1"><c t="s"><v>7</v></c><c t="s"><v>-1</v></c></row>)")).rows.empty());
}

TEST_CASE("a workbook without its parts is refused", "[table]") {
    for (const auto* name :
         {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/strings.xml", "xl/worksheets/first.xml"}) {
        auto parts = workbook("<row r=\"1\"/>");
        parts.erase(name);
        CHECK(read(parts).fault->message_en.find("broken") != std::string::npos);
        parts[name] = "<not xml";
        CHECK(read(parts).fault->message_en.find("broken") != std::string::npos);
    }
    CHECK_FALSE(read(workbook("<row r=\"1\"/>")).fault);
    CHECK(table::read_xlsx("PK\x03\x04", {}).fault);
    const auto whole = packed(workbook("<row r=\"1\"/>"));
    for (std::size_t size = 0; size < whole.size(); size += 7) CHECK(table::read_xlsx(whole.substr(0, size), {}).fault);
}
