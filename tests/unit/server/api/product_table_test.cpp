#include "api/product_table.hpp"

#include <livefair/v1/catalog.pb.h>

#include "ledger/products.hpp"
#include "ledger/suppliers.hpp"
#include "table/csv.hpp"
#include "table/xlsx_write.hpp"
#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;
using Kind = api::RowOutcome::Kind;

namespace {

constexpr std::int64_t now_ms = 1'795'000'000'000;  // 2026
const std::string header = "SKU,名称,单位,净重(克),产地代码,产地";

/// Takes a table whose rows are `text`, one outcome each.
std::vector<api::RowOutcome> take(ledger::Database& db, const std::string& text, bool writes = true) {
    const auto reading = table::read_table(text);
    REQUIRE_FALSE(reading.fault);
    const auto columns = api::product_columns(reading.rows.at(0));
    REQUIRE_FALSE(columns.problem);
    std::vector<api::RowOutcome> outcomes;
    for (std::size_t i = 1; i < reading.rows.size(); ++i)
        outcomes.push_back(api::take_product_row(db, columns, reading.rows[i], now_ms, writes).value());
    return outcomes;
}

/// The refusal of one row under `header` with more columns, as "column: value: message".
std::string refusal(ledger::Database& db, const std::string& row, const std::string& more = "") {
    const auto outcome = take(db, header + more + "\n" + row + "\n").at(0);
    if (outcome.kind != Kind::refused) return {};
    return outcome.column + ": " + outcome.value + ": " + outcome.problem->message_zh;
}

std::string problem_of(const std::string& text) {
    const auto columns = api::product_columns(table::read_table(text).rows.at(0));
    return columns.problem ? columns.problem->message_zh : std::string();
}

v1::Product find(ledger::Database& db, const std::string& sku) {
    return ledger::find_product_by_sku(db, "", sku).value().value_or(v1::Product());
}

}  // namespace

TEST_CASE("a row makes a product, the same row again nothing, another one a change", "[api]") {
    test::FreshDatabase db;
    const std::string columns = header + ",价格(元),划线价(元),划线价依据,最低年龄,更多图片\n";
    const std::string row = "W-1,和硕干红,瓶,750,652828,和硕,58,60.5,门店价,18,/p/1.jpg /p/2.jpg\n";
    CHECK(take(*db, columns + row, false).at(0).kind == Kind::created);
    CHECK_FALSE(ledger::find_product_by_sku(*db, "", "W-1").value());
    CHECK(take(*db, columns + row).at(0).kind == Kind::created);
    const auto made = find(*db, "W-1");
    CHECK(made.price_fen() == 5800);
    CHECK(made.list_price_fen() == 6050);
    CHECK(made.age_min() == 18);
    CHECK(made.picture_urls_size() == 2);
    CHECK(take(*db, columns + row).at(0).kind == Kind::unchanged);
    CHECK(take(*db, columns + "W-1,和硕干红,瓶,750,652828,和硕,59.90,60.5,门店价,18,\n").at(0).kind == Kind::changed);
    const auto changed = find(*db, "W-1");
    CHECK(changed.id() == made.id());
    CHECK(changed.price_fen() == 5990);
    CHECK(changed.picture_urls_size() == 0);
}

TEST_CASE("a column that the table lacks leaves its field as it was", "[api]") {
    test::FreshDatabase db;
    take(*db, header + ",受益户数\nT-1,茶,盒,100,610924,紫阳,2000\n");
    CHECK(take(*db, header + "\nT-1,紫阳毛尖,盒,100,610924,紫阳\n").at(0).kind == Kind::changed);
    CHECK(find(*db, "T-1").households() == 2000);
    CHECK(find(*db, "T-1").title() == "紫阳毛尖");
}

TEST_CASE("each refusal names column and value and says what to do", "[api]") {
    test::FreshDatabase db;
    CHECK(refusal(*db, ",茶,盒,100,610924,紫阳") == "SKU: : “SKU”不能为空。");
    CHECK(refusal(*db, "T 1,茶,盒,100,610924,紫阳").starts_with("SKU: T 1: “SKU”最多 64 个字母"));
    CHECK(refusal(*db, "T1,,盒,100,610924,紫阳") == "名称: : “名称”不能为空。");
    CHECK(refusal(*db, "T1,茶,盏,100,610924,紫阳").starts_with("单位: 盏: “单位”必须是以下之一：件 盒 袋 斤"));
    CHECK(refusal(*db, "T1,茶,斤,450,610924,紫阳") == "净重(克): 450: “净重(克)”按斤卖的商品必须是 500。");
    CHECK(refusal(*db, "T1,茶,斤,500,610924,紫阳").empty());
    CHECK(refusal(*db, "T2,茶,盒,0,610924,紫阳") == "净重(克): 0: “净重(克)”必须在 1 到 1000000000 之间。");
    CHECK(refusal(*db, "T2,茶,盒,100,61092,紫阳").starts_with("产地代码: 61092: “产地代码”必须是六位"));
    CHECK(refusal(*db, "T2,茶,盒,100,619999,紫阳")
              .starts_with("产地代码: 619999: “产地代码”“619999”不在行政区划代码表里"));
    CHECK(refusal(*db, "T2,茶,盒,100,610928,旬阳") ==
          "产地代码: 610928: “产地代码”“610928”（旬阳县）已在 2022-01-01 前停用，请填现在的代码。");
    CHECK(refusal(*db, "T2,茶,盒,100,610924,紫阳,coop", ",供应商编号")
              .starts_with("供应商编号: coop: “供应商编号”不是登记过的供应商"));
    CHECK(refusal(*db, "T2,茶,盒,100,610924,紫阳,10,箱", ",价格(元),计价单位").starts_with("计价单位: 箱: "));
    CHECK(refusal(*db, "T2,茶,盒,100,610924,紫阳,10,公斤", ",价格(元),计价单位").empty());
    CHECK(
        refusal(*db, "T3,茶,盒,100,610924,紫阳,16", ",最低年龄").starts_with("最低年龄: 16: “最低年龄”只能是 0 或 18"));
    CHECK(refusal(*db, "T3,茶,盒,100,610924,紫阳,https://evil.tld/x.png", ",图片")
              .starts_with("图片: https://evil.tld/x.png: “图片”必须是本站的路径"));
    CHECK(refusal(*db, "T3,茶,盒,100,610924,紫阳,more") == ": more: 这一行的单元格比表头多，请对齐。");
}

TEST_CASE("a comparison price and its basis come together, and not below the price", "[api]") {
    test::FreshDatabase db;
    const auto prices = [&](const std::string& cells) {
        return refusal(*db, "T1,茶,盒,100,610924,紫阳," + cells, ",价格(元),划线价(元),划线价依据");
    };
    CHECK(prices("10,12,").starts_with("划线价依据: : "));
    CHECK(prices("10,,门店价").starts_with("划线价依据: 门店价: "));
    CHECK(prices("10,9.99,门店价").starts_with("划线价(元): 9.99: "));
    CHECK(prices(",12,门店价").starts_with("划线价(元): 12: "));
    CHECK(prices("10,10,门店价").empty());
}

TEST_CASE("grams and fen that don't fit are refused, never wrapped around", "[api]") {
    test::FreshDatabase db;
    for (const auto* grams : {"9223372036854775807", "9223372036854775808", "99999999999999999999999", "-1", "1.5",
                              "1e3", "100g", "0x10", "１００"})
        CHECK(refusal(*db, std::string("T1,茶,盒,") + grams + ",610924,紫阳").starts_with("净重(克): "));
    for (const auto* yuan : {"92233720368547758.07", "92233720368547758.08", "9223372036854775807", "100000000.01",
                             "-1", "1.234", "1.", ".5", "1,5", "1e2", "¥5", "1.-5", "+5"})
        CHECK(refusal(*db, "T1,茶,盒,100,610924,紫阳," + table::csv_cell(yuan), ",价格(元)").starts_with("价格(元): "));
    CHECK(refusal(*db, "T1,茶,盒,1000000000,610924,紫阳,100000000.00", ",价格(元)").empty());
    CHECK(find(*db, "T1").price_fen() == 10'000'000'000);
}

TEST_CASE("what shows have stock of keeps its weight, and the row says so", "[api]") {
    test::FreshDatabase db;
    take(*db, header + "\nT-1,茶,盒,100,610924,紫阳\n");
    REQUIRE(
        (*db)
            .run_script(
                "INSERT INTO shows (id, room_id, title, state, starts_ms, created_ms) VALUES ('s', 'r', 'x', 1, 0, 0)")
            .has_value());
    REQUIRE((*db)
                .execute("INSERT INTO stocks (id, show_id, product_id, total) VALUES ('k', 's', ?, 9)",
                         {find(*db, "T-1").id()})
                .has_value());
    CHECK(refusal(*db, "T-1,茶,盒,200,610924,紫阳").starts_with("净重(克): 200: “净重(克)”不能再改"));
    CHECK(refusal(*db, "T-1,好茶,盒,100,610924,紫阳").empty());
}

TEST_CASE("an origin whose code has ended stays with a product that has it", "[api]") {
    test::FreshDatabase db;
    take(*db, header + "\nT-1,茶,盒,100,610981,旬阳\n");
    REQUIRE((*db).run_script("UPDATE regions SET valid_until_ms = 1700000000000 WHERE code = '610981'").has_value());
    CHECK(refusal(*db, "T-1,好茶,盒,100,610981,旬阳").empty());
    CHECK(refusal(*db, "T-2,好茶,盒,100,610981,旬阳").starts_with("产地代码: 610981: "));
}

TEST_CASE("a header may be in field names, and one that is unknown, missing or twice is refused", "[api]") {
    CHECK(problem_of("sku,title,unit,netWeightG,originCode,originName,supplierId\n").empty());
    CHECK(problem_of(header + ",颜色\n").starts_with("第 7 列的表头“颜色”不认识"));
    CHECK(problem_of(header + ",sku\n").starts_with("第 7 列的表头“sku”不认识或重复"));
    CHECK(problem_of("SKU,名称,单位,产地代码,产地\n") == "缺少“净重(克)”列。");
}

TEST_CASE("an exported table is imported again without a change, as CSV and as XLSX", "[api]") {
    test::FreshDatabase db;
    REQUIRE((*db)
                .run_script("INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES ('coop', 'x', "
                            "'cooperative', '431227', 0)")
                .has_value());
    REQUIRE(ledger::apply_as_supplier(*db, OrganisationId("coop"), "", {AccountId("op"), "x", 1}).has_value());
    v1::Product product;
    product.set_id("p");
    product.set_title("=cmd|' /C calc'!A0, \"甜\"");
    product.set_unit("箱");
    product.set_net_weight_g(5000);
    product.set_origin_code("431227");
    product.set_origin_name("新晃");
    product.set_supplier_id("coop");
    product.set_supplier_name("@合作社");
    product.set_supplier_contact("+86 12345678");
    product.set_sku("0070");
    product.set_price_fen(5);
    product.set_list_price_fen(10'000'000'000);
    product.set_list_price_basis("-原价");
    product.set_households(23);
    product.set_people(99);
    product.set_picture_url("/p/1.jpg");
    product.add_picture_urls("/p/2.jpg");
    REQUIRE(ledger::create_product(*db, product, 1).has_value());
    const std::vector<std::vector<std::string>> rows = {api::product_header(), api::product_row(product)};
    const auto csv = std::string(table::csv_byte_order_mark) + table::csv_row(rows[0]) + table::csv_row(rows[1]);
    CHECK(csv.find("\"'=cmd") != std::string::npos);
    CHECK(csv.find(",=") == std::string::npos);
    CHECK(take(*db, csv).at(0).kind == Kind::unchanged);
    CHECK(take(*db, table::write_xlsx("商品", rows).value()).at(0).kind == Kind::unchanged);
    CHECK(ledger::find_product_by_sku(*db, "coop", "0070").value()->SerializeAsString() == product.SerializeAsString());
}
