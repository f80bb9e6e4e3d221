#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>
#include <livefair/v1/supply.pb.h>

#include <catch2/catch.hpp>

#include "integration/api/site.hpp"

using namespace livefair;
using test::Answer;
using test::Site;

namespace {

const std::string header = "\xEF\xBB\xBFSKU,名称,单位,净重(克),产地代码,产地,供应商编号,最低年龄\r\n";

Answer import_table(Site& site, const std::string& text) {
    return site.call("POST", "/api/v1/products/import", text, site.site_operator());
}

v1::ImportReport report_of(const Answer& answer) {
    v1::ImportReport report;
    answer.read(report);
    return report;
}

int products(Site& site) {
    v1::ListProductsResponse list;
    site.must("GET", "/api/v1/products").read(list);
    return list.products_size();
}

void add_supplier(Site& site) {
    site.must("POST", "/api/v1/organisations",
              R"({"id":"coop","name":"和硕酒庄","kind":"enterprise","regionCode":"652828"})", site.site_operator());
    site.must("POST", "/api/v1/suppliers", R"({"organisationId":"coop","why":"自愿申请"})", site.site_operator());
}

void vet(Site& site, const std::string& state) {
    site.must("POST", "/api/v1/suppliers/coop/state", R"({"state":"SUPPLIER_STATE_)" + state + R"(","why":"现场核验"})",
              site.site_operator());
}

/// A live show "w" with the offer "w-offer" of one wine of `coop`, not opened.
void add_wine(Site& site) {
    const auto& token = site.site_operator();
    REQUIRE(import_table(site, header + "W-1,和硕干红,瓶,750,652828,和硕,coop,18\r\n").status == 200);
    v1::ListProductsResponse list;
    site.must("GET", "/api/v1/products").read(list);
    site.must("POST", "/api/v1/shows", R"({"id":"w","roomId":"w-room","title":"酒"})", token);
    site.must("POST", "/api/v1/shows/w/stocks",
              R"({"id":"w-stock","productId":")" + list.products(0).id() + R"(","total":9})", token);
    site.must(
        "POST", "/api/v1/shows/w/offers",
        R"({"id":"w-offer","title":"干红","kind":"OFFER_KIND_NORMAL","priceFen":5990,"lines":[{"stockId":"w-stock","quantity":1}]})",
        token);
    site.must("POST", "/api/v1/shows/w/state", R"({"state":"SHOW_STATE_LIVE"})", token);
}

}  // namespace

TEST_CASE("a table is taken whole or not at all, and the report names every row that is refused", "[api]") {
    Site site;
    const auto refused = import_table(site, header +
                                                "T-1,茶,盒,100,610924,紫阳,,\r\nT-2,茶,盏,100,610924,紫阳,,\r\n\r\nT-3,"
                                                "茶,盒,1.5,610924,紫阳,,\r\nT-1,茶,盒,100,610924,紫阳,,\r\n");
    CHECK(refused.status == 422);
    const auto report = report_of(refused);
    CHECK_FALSE(report.written());
    CHECK(report.rows() == 4);
    CHECK(report.refused() == 3);
    REQUIRE(report.refusals_size() == 3);
    CHECK(report.refusals(0).line() == 3);
    CHECK(report.refusals(0).column() == "单位");
    CHECK(report.refusals(0).value() == "盏");
    CHECK(report.refusals(1).line() == 5);
    CHECK(report.refusals(1).message_en().find("whole number") != std::string::npos);
    CHECK(report.refusals(2).line() == 6);
    CHECK(report.refusals(2).message_zh() == "同一供应商的这个 SKU 在第 2 行已经有了。");
    CHECK(products(site) == 0);
    std::string all_bad = header;
    for (int i = 0; i < 4999; ++i) all_bad += "T-" + std::to_string(i) + ",茶,盏,100,610924,紫阳,,\r\n";
    CHECK(report_of(import_table(site, all_bad)).refusals_size() == 4999);
    const auto good = header + "T-1,茶,盒,100,610924,紫阳,,\r\nT-2,茶,袋,100,610924,紫阳,,\r\n";
    CHECK(report_of(import_table(site, good)).created() == 2);
    const auto again = report_of(import_table(site, good));
    CHECK(again.written());
    CHECK(again.created() == 0);
    CHECK(again.unchanged() == 2);
    CHECK(products(site) == 2);
}

TEST_CASE("a product is changed in all but its id, SKU and supplier, and in what orders go by only before a show has it", "[api]") {
    Site site;
    const auto& token = site.site_operator();
    const auto change = [&](const std::string& what, const std::string& path = "/api/v1/products/tea") {
        return site.call("POST", path, R"({"unit":"盒","originCode":"610924","originName":"紫阳")" + what + "}", token);
    };
    site.must("POST", "/api/v1/products", R"({"id":"tea","title":"差","unit":"盒","netWeightG":100,"originCode":"610924","originName":"紫阳"})", token);
    CHECK(change(R"(,"title":"茶","netWeightG":250)").status == 200);
    v1::ListProductsResponse list;
    site.must("GET", "/api/v1/products").read(list);
    REQUIRE(list.products_size() == 1);
    CHECK(list.products(0).title() == "茶");
    CHECK(list.products(0).net_weight_g() == 250);
    CHECK(change(R"(,"title":"茶","netWeightG":250,"sku":"T-1")").body.find("sku") != std::string::npos);
    CHECK(change(R"(,"title":"茶","netWeightG":250,"supplierId":"coop")").body.find("supplierId") != std::string::npos);
    CHECK(change(R"(,"title":"","netWeightG":250)").code() == "invalid_input");
    CHECK(change(R"(,"title":"茶","netWeightG":250)", "/api/v1/products/nobody").status == 404);
    site.must("POST", "/api/v1/shows", R"({"id":"w","roomId":"w-room","title":"茶"})", token);
    site.must("POST", "/api/v1/shows/w/stocks", R"({"id":"w-stock","productId":"tea","total":9})", token);
    const auto frozen = change(R"(,"title":"茶","netWeightG":500)");
    CHECK(frozen.code() == "conflict");
    CHECK(frozen.body.find("netWeightG") != std::string::npos);
    CHECK(change(R"(,"title":"新茶","netWeightG":250)").status == 200);
    CHECK(site.call("POST", "/api/v1/products/tea", "{}", site.host_of("room")).status == 403);
}

TEST_CASE("a file that is no table is refused with what to do", "[api]") {
    Site site;
    CHECK(import_table(site, "SKU,\xC3\xFB\xB3\xC6\r\n").body.find("GBK") != std::string::npos);
    CHECK(import_table(site, header).code() == "invalid_input");
    CHECK(import_table(site, "颜色\r\n红\r\n").body.find("颜色") != std::string::npos);
    CHECK(import_table(site, "").code() == "invalid_input");
    std::string long_table = header;
    for (int i = 0; i < 5000; ++i) long_table += "T\r\n";
    CHECK(import_table(site, long_table).body.find("4999") != std::string::npos);
    CHECK(import_table(site, std::string(1'048'577, ' ')).status == 413);
    CHECK(site.call("POST", "/api/v1/products/import", header, site.host_of("room")).status == 403);
    CHECK(site.call("GET", "/api/v1/products/export?format=csv", {}, site.host_of("other")).status == 403);
    CHECK(site.call("GET", "/api/v1/products/export?format=pdf", {}, site.site_operator()).status == 400);
}

TEST_CASE("a long table comes in over several transactions, and goes out as CSV and XLSX that come in again unchanged",
          "[api]") {
    Site site;
    std::string text = header;
    for (int i = 0; i < 2500; ++i) text += "T-" + std::to_string(i) + ",=茶,盒,100,610924,紫阳,,\r\n";
    REQUIRE(text.size() > static_cast<std::size_t>(site.config().limits.body_bytes_max));
    CHECK(report_of(import_table(site, text)).created() == 2500);
    const auto csv = site.must("GET", "/api/v1/products/export?format=csv", {}, site.site_operator());
    CHECK(csv.header("content-disposition") == "attachment; filename=\"products.csv\"");
    CHECK(csv.body.starts_with("\xEF\xBB\xBF供应商编号,SKU,"));
    CHECK(csv.body.find(",'=茶,") != std::string::npos);
    CHECK(report_of(import_table(site, csv.body)).unchanged() == 2500);
    CHECK(site.must("GET", "/api/v1/products/export?format=csv&supplier=nobody", {}, site.site_operator())
              .body.find("T-1") == std::string::npos);
    const auto xlsx = site.must("GET", "/api/v1/products/export?format=xlsx", {}, site.site_operator());
    CHECK(xlsx.header("content-type") == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    CHECK(report_of(import_table(site, xlsx.body)).unchanged() == 2500);
}

TEST_CASE("an offer opens when its supplier is vetted, not before and not while it is suspended", "[api]") {
    Site site;
    add_supplier(site);
    add_wine(site);
    const auto open = [&] {
        return site.call("POST", "/api/v1/shows/w/offers/w-offer/open", "{}", site.site_operator());
    };
    CHECK(open().code() == "conflict");
    CHECK(open().body.find("和硕酒庄") != std::string::npos);
    vet(site, "VETTED");
    CHECK(open().status == 200);
    vet(site, "SUSPENDED");
    CHECK(open().status == 409);
    v1::Supplier supplier;
    site.must("GET", "/api/v1/suppliers/coop", {}, site.site_operator()).read(supplier);
    CHECK(supplier.open_offers() == 1);
    CHECK(supplier.steps_size() == 3);
    CHECK(site.call("POST", "/api/v1/suppliers/coop/state", R"({"state":"SUPPLIER_STATE_APPLIED","why":"x"})",
                    site.site_operator())
              .status == 409);
    CHECK(
        site.call("POST", "/api/v1/suppliers/coop/state", R"({"state":"SUPPLIER_STATE_VETTED"})", site.site_operator())
            .status == 400);
    CHECK(site.call("GET", "/api/v1/suppliers", {}, site.host_of("w-room")).status == 403);
}

TEST_CASE("wine is sold to who says to be of age", "[api]") {
    Site site;
    add_supplier(site);
    add_wine(site);
    vet(site, "VETTED");
    site.must("POST", "/api/v1/shows/w/offers/w-offer/open", "{}", site.site_operator());
    v1::Show show;
    site.must("GET", "/api/v1/shows/w").read(show);
    CHECK(show.offers(0).age_min() == 18);
    const auto buyer = site.buyer("13800001234");
    const auto order = [&](const std::string& id, const std::string& more) {
        return site.call("POST", "/api/v1/orders",
                         R"({"orderId":")" + id + R"(","showId":"w","offerId":"w-offer","quantity":1,"addressId":")" +
                             site.address_of(buyer) + "\"" + more + "}",
                         buyer);
    };
    for (int i = 0; i < 2; ++i) {
        v1::OrderAnswer refused;
        const auto answer = order("order-of-a-minor-1", "");
        CHECK(answer.status == 422);
        answer.read(refused);
        CHECK(refused.reason() == v1::REJECT_REASON_AGE);
    }
    CHECK(order("order-of-a-grown-up", R"(,"isAdult":true)").status == 200);
}

TEST_CASE("places and organisations are kept by the operator, with codes that hold today", "[api]") {
    Site site;
    const auto& token = site.site_operator();
    const auto add = [&](const std::string& body) { return site.call("POST", "/api/v1/organisations", body, token); };
    CHECK(add(R"({"id":"x","name":"x","kind":"government","regionCode":"610928"})").body.find("2022-01-01") !=
          std::string::npos);
    CHECK(add(R"({"id":"x","name":"x","kind":"government","regionCode":"999999"})").status == 400);
    CHECK(add(R"({"id":"hn","name":"湖南","kind":"government","regionCode":"430000"})").body.find("\"province\"") !=
          std::string::npos);
    CHECK(add(R"({"id":"xh","name":"新晃","kind":"government","regionCode":"431227","parentId":"hn"})").status == 200);
    CHECK(add(R"({"id":"zy","name":"紫阳","kind":"government","regionCode":"610924","parentId":"hn"})")
              .body.find("regionCode") != std::string::npos);
    CHECK(add(R"({"id":"c","name":"班","kind":"class","regionCode":"431227","parentId":"nobody"})").status == 404);
    CHECK(site.call("POST", "/api/v1/organisations/hn",
                    R"({"name":"湖南","kind":"government","regionCode":"430000","parentId":"xh"})", token)
              .body.find("parentId") != std::string::npos);
    CHECK(site.call("POST", "/api/v1/organisations/hn",
                    R"({"name":"湖南省","kind":"government","regionCode":"430000"})", token)
              .status == 200);
    v1::ListRegionsResponse regions;
    site.must("GET", "/api/v1/regions").read(regions);
    CHECK(regions.regions_size() == 34);
    CHECK(site.call("GET", "/api/v1/regions?parent=43").status == 400);
    site.must("POST", "/api/v1/regions", R"({"regions":[{"code":"431299","name":"新县","parentCode":"431200"}]})",
              token);
    CHECK(add(R"({"id":"new","name":"新县","kind":"government","regionCode":"431299","parentId":"hn"})").status == 200);
    CHECK(site.call("POST", "/api/v1/regions", R"({"regions":[{"code":"999901","name":"x","parentCode":"999900"}]})",
                    token)
              .status == 400);
}
