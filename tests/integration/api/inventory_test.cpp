#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/inventory.pb.h>
#include <livefair/v1/order.pb.h>

#include <catch2/catch.hpp>

#include "integration/api/site.hpp"

using namespace livefair;
using test::Site;

TEST_CASE("a product's total is stated, given to shows and taken back, with an answer that says how much is possible", "[api]") {
    Site site;
    site.make_sale("show-a", 10);
    const auto& token = site.site_operator();
    const std::string inventory = "/api/v1/products/show-a-product/inventory";
    v1::Inventory found;
    site.must("GET", inventory, "", token).read(found);
    CHECK(found.total() == 10);
    CHECK_FALSE(found.is_stated());
    CHECK(site.call("POST", inventory, R"({"total":9})", token).status == 409);
    CHECK(site.call("POST", inventory, R"({"total":-1})", token).status == 400);
    site.must("POST", inventory, R"({"total":15})", token);

    const std::string changes = "/api/v1/shows/show-a/stocks/show-a-stock/changes";
    v1::AllocationChange change;
    site.must("POST", changes, R"({"id":"c1","amount":5,"why":"加货"})", token).read(change);
    CHECK(change.amount() == 5);
    site.must("POST", changes, R"({"id":"c1","amount":5,"why":"加货"})", token);
    const auto more = site.call("POST", changes, R"({"amount":1})", token);
    CHECK(more.status == 409);
    CHECK(more.body.find("最多还能加 0") != std::string::npos);
    CHECK(site.call("POST", changes, R"({"id":"c1","amount":6})", token).status == 409);
    CHECK(site.call("POST", changes, R"({"amount":0})", token).status == 400);
    CHECK(site.call("POST", changes, R"({"amount":1,"allUnsold":true})", token).status == 400);
    CHECK(site.call("POST", changes, R"({"amount":"9223372036854775807"})", token).status == 400);
    CHECK(site.call("POST", changes, R"({"amount":-16})", token).body.find("最多还能减 15") != std::string::npos);
    site.must("POST", changes, R"({"amount":-12})", token);
    v1::Show show;
    site.must("GET", "/api/v1/shows/show-a").read(show);
    CHECK(show.offers(0).left() == 3);
    site.must("POST", changes, R"({"allUnsold":true})", token).read(change);
    CHECK(change.amount() == -3);
    v1::ListStocksResponse stocks;
    site.must("GET", "/api/v1/shows/show-a/stocks", "", token).read(stocks);
    REQUIRE(stocks.stocks_size() == 1);
    CHECK(stocks.stocks(0).total() == 0);
    v1::ListAllocationChangesResponse list;
    site.must("GET", changes, "", token).read(list);
    REQUIRE(list.changes_size() == 3);
    CHECK(list.changes(2).why() == "加货");
    CHECK_FALSE(list.changes(2).by_account().empty());
    CHECK(site.call("POST", "/api/v1/shows/show-a/stocks", R"({"productId":"show-a-product","total":16})", token).code() == "conflict");
}

TEST_CASE("a fund's money is leased to a show by an operator alone, never more than there is", "[api]") {
    Site site;
    site.make_sale("show-a", 10);
    const auto& token = site.site_operator();
    site.must("POST", "/api/v1/funds", R"({"id":"fund","name":"惠民补贴","totalFen":"1000000000"})", token);
    CHECK(site.call("POST", "/api/v1/funds", R"({"id":"fund","name":"又一个","totalFen":"1"})", token).status == 409);
    CHECK(site.call("POST", "/api/v1/funds", R"({"name":"零","totalFen":"0"})", token).status == 400);
    const std::string changes = "/api/v1/shows/show-a/funds/fund/changes";
    site.must("POST", changes, R"({"id":"l1","amount":"1000000000","why":"首场"})", token);
    CHECK(site.call("POST", changes, R"({"id":"l2","amount":"1"})", token).status == 409);
    CHECK(site.call("POST", "/api/v1/shows/show-a/funds/none/changes", R"({"amount":"1"})", token).status == 404);
    site.must("POST", changes, R"({"id":"l3","amount":"-1"})", token);
    v1::ListFundsResponse funds;
    site.must("GET", "/api/v1/funds", "", token).read(funds);
    REQUIRE(funds.funds_size() == 1);
    CHECK(funds.funds(0).leased_fen() == 999'999'999);
    v1::ListFundPoolsResponse pools;
    site.must("GET", "/api/v1/shows/show-a/funds", "", token).read(pools);
    REQUIRE(pools.pools_size() == 1);
    CHECK(pools.pools(0).leased_fen() == 999'999'999);

    const auto host = site.host_of("show-a-room"), buyer = site.buyer("13800001234");
    CHECK(site.call("POST", changes, R"({"amount":"1"})", host).status == 403);
    CHECK(site.call("GET", "/api/v1/shows/show-a/funds", "", host).status == 200);
    CHECK(site.call("POST", "/api/v1/funds", R"({"name":"x","totalFen":"1"})", host).status == 403);
    CHECK(site.call("POST", "/api/v1/products/show-a-product/inventory", R"({"total":99})", host).status == 403);
    CHECK(site.call("POST", "/api/v1/shows/show-a/stocks/show-a-stock/changes", R"({"amount":1})", host).status == 200);
    CHECK(site.call("POST", "/api/v1/shows/show-a/stocks/show-a-stock/changes", R"({"amount":1})", buyer).status == 403);
    site.make_sale("show-b", 1);
    CHECK(site.call("POST", "/api/v1/shows/show-b/stocks/show-b-stock/changes", R"({"amount":1})", host).status == 403);
    CHECK(site.call("POST", "/api/v1/shows/show-a/stocks/show-b-stock/changes", R"({"amount":1})", host).status == 404);
}

TEST_CASE("an offer is changed by who has seen its newest version, and what its page showed before stays to be seen", "[api]") {
    Site site;
    site.make_sale("show-a", 10);
    const auto& token = site.site_operator();
    const std::string path = "/api/v1/shows/show-a/offers/show-a-offer";
    v1::Show show;
    site.must("GET", "/api/v1/shows/show-a").read(show);
    const auto version = show.offers(0).version();
    const auto body = [](std::int64_t seen, const std::string& more) {
        return R"({"offer":{"version":")" + std::to_string(seen) + R"(","title":"冰糖橙","priceFen":"4990")" + more + "}}";
    };
    v1::Offer changed;
    site.must("POST", path, body(version, R"(,"terms":{"tiers":[{"fromQuantity":"3","priceFen":"4500"}],"orderDays":[1,2,3,4,5,6,7],"deliveryDays":[4,5]})"), token)
        .read(changed);
    CHECK(changed.version() == version + 1);
    CHECK(changed.lines(0).share_fen() == 4990);
    CHECK(site.call("POST", path, body(version, ""), token).code() == "conflict");
    v1::Offer page;
    site.must("GET", path + "/versions/" + std::to_string(version)).read(page);
    CHECK(page.price_fen() == 5990);
    site.must("GET", path + "/versions/" + std::to_string(version + 1)).read(page);
    CHECK(page.price_fen() == 4990);
    CHECK(page.supplier_name() == changed.supplier_name());
    CHECK(site.call("GET", path + "/versions/0").status == 404);
    CHECK(site.call("GET", path + "/versions/x").status == 404);
    CHECK(site.call("GET", "/api/v1/shows/none/offers/show-a-offer/versions/1").status == 404);

    const auto refused = [&](const std::string& terms) {
        return site.call("POST", path, body(version + 1, R"(,"terms":)" + terms), token).status;
    };
    CHECK(refused(R"({"tiers":[{"fromQuantity":"1","priceFen":"100"}]})") == 400);
    CHECK(refused(R"({"tiers":[{"fromQuantity":"2","priceFen":"4990"}]})") == 400);
    CHECK(refused(R"({"tiers":[{"fromQuantity":"3","priceFen":"100"},{"fromQuantity":"2","priceFen":"50"}]})") == 400);
    CHECK(refused(R"({"flashPriceFen":"5000","flashFromMs":"1","flashUntilMs":"2"})") == 400);
    CHECK(refused(R"({"flashPriceFen":"100","flashFromMs":"2","flashUntilMs":"2"})") == 400);
    CHECK(refused(R"({"subsidyFen":"100"})") == 400);
    CHECK(refused(R"({"fundId":"fund","subsidyFen":"4990"})") == 400);
    CHECK(refused(R"({"fundId":"fund","subsidyFen":"-1"})") == 400);
    CHECK(refused(R"({"fundId":"fund","subsidyFen":"1"})") == 404);
    CHECK(refused(R"({"orderDays":[0]})") == 400);
    CHECK(refused(R"({"orderDays":[3,1]})") == 400);
    CHECK(refused(R"({"deliveryDays":[8]})") == 400);
    CHECK(site.call("POST", path, body(version + 1, ""), site.buyer("13800001234")).status == 403);
    site.make_sale("show-b", 1);
    CHECK(site.call("POST", "/api/v1/shows/show-b/offers/show-a-offer", body(version + 1, ""), token).status == 404);

    // Accepted orders keep what they were placed at.
    const auto buyer = site.buyer("13800001234");
    site.must("POST", "/api/v1/orders",
              R"({"orderId":"order-0000000000000001","showId":"show-a","offerId":"show-a-offer","quantity":3,"addressId":")" +
                  site.address_of(buyer) + R"("})",
              buyer);
    site.must("POST", path, body(version + 1, ""), token);
    v1::Order order;
    site.must("GET", "/api/v1/orders/order-0000000000000001", "", buyer).read(order);
    CHECK(order.amount_fen() == 13'500);
    CHECK(order.terms().offer_version() == version + 1);
    CHECK(order.terms().deliver_from_ms() > order.placed_ms());
}
