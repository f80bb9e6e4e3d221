// Orders that the ledger takes itself, from the show's making to its end, by the API alone: a bulk channel's and a stall's.
#include <catch2/catch.hpp>

#include "integration/api/depot.hpp"

using namespace livefair;
using test::consignee;
using test::Depot;
using test::depot;
using test::depot_orders;

TEST_CASE("a bulk channel sells by quotes: the order holds stock, is paid by transfer, has its certificate and counts under its kind", "[api]") {
    Depot fair("CHANNEL_BULK");
    auto order = fair.order_by_quote("q1", "bulk-00000000000000001", "ORDER_KIND_DONATION");
    CHECK(order.state() == v1::ORDER_STATE_RESERVED);
    CHECK(order.kind() == v1::ORDER_KIND_DONATION);
    CHECK(order.amount_fen() == 200'000);
    CHECK(fair.stock().committed() == 40);
    order = fair.pay(order.id(), "ICBC-1");
    CHECK(order.state() == v1::ORDER_STATE_PAID);
    const auto certificate = fair.site.must("GET", depot_orders + order.id() + "/certificate", "", fair.host).body;
    CHECK(certificate.find("捐赠给 新晃县敬老院") != std::string::npos);
    CHECK(certificate.find("¥2000.00") != std::string::npos);

    // Another order falls through, and its stock is free again.
    order = fair.order_by_quote("q2", "bulk-00000000000000002");
    CHECK(fair.call(depot_orders + order.id() + "/paid", R"({"reference":"ICBC-1"})").code() == "conflict");
    fair.must(depot_orders + order.id() + "/release", R"({"why":"不要了"})").read(order);
    CHECK(order.state() == v1::ORDER_STATE_CANCELLED);
    CHECK(fair.site.call("GET", depot_orders + order.id() + "/certificate", "", fair.host).code() == "conflict");
    fair.order_by_quote("q3", "bulk-00000000000000003");
    fair.pay("bulk-00000000000000003", "ICBC-2");
    CHECK(fair.stock().committed() == 80);

    const auto by_kind = fair.totals("kind", 2);
    REQUIRE(by_kind.lines_size() == 2);
    CHECK(by_kind.lines(0).key() == "2");
    CHECK(by_kind.lines(0).paid_fen() == 200'000);
    CHECK(by_kind.lines(0).units_paid() == 40);
    CHECK(by_kind.lines(1).key() == "3");
    CHECK(by_kind.lines(1).orders() == 2);
    CHECK(by_kind.lines(1).paid_fen() == 200'000);
    const auto by_channel = fair.totals("channel", 2);
    REQUIRE(by_channel.lines_size() == 1);
    CHECK(by_channel.lines(0).key() == "3");
    CHECK(by_channel.show().net_fen() == 400'000);
    CHECK(fair.site.differences("depot").empty());
}

TEST_CASE("a bulk channel that has ended keeps what it sold, gives back the rest and takes no order", "[api]") {
    Depot fair("CHANNEL_BULK");
    fair.order_by_quote("q1", "bulk-00000000000000001");
    fair.end();
    CHECK(fair.stock().total() == 40);
    v1::Inventory inventory;
    fair.site.must("GET", "/api/v1/products/depot-product/inventory", "", fair.site.site_operator()).read(inventory);
    CHECK(inventory.free() == 110);
    fair.site.must("POST", depot + "/quotes",
                   R"({"id":"q2","offerId":"depot-offer","organisationId":"fed","kind":"ORDER_KIND_BULK",)"
                   R"("unitPriceFen":"5000","countMin":"1","validUntilMs":"4000000000000"})",
                   fair.host);
    v1::ErrorBody ended;
    fair.call(depot + "/quotes/q2/order", R"({"orderId":"bulk-00000000000000002","count":"1","consignees":[)" + consignee("一食堂", 1) + "]}").read(ended);
    CHECK(ended.message_zh() == "这个场次已结束，库存已退回；请选择还没有结束的场次。");
    // Its money may still come.
    CHECK(fair.pay("bulk-00000000000000001", "ICBC-1").state() == v1::ORDER_STATE_PAID);
    CHECK(fair.site.differences("depot").empty());
}

TEST_CASE("a stall sells what is open over the counter, paid at once, and counts as its own channel", "[api]") {
    Depot fair("CHANNEL_STALL");
    const auto order = fair.sell_at_stall("stall-0000000000000001", 3);
    CHECK(order.state() == v1::ORDER_STATE_DONE);
    CHECK(order.amount_fen() == 3 * 5990);
    fair.sell_at_stall("stall-0000000000000002", 1);
    CHECK(fair.stock().committed() == 4);
    CHECK(fair.call(depot_orders + order.id() + "/release", R"({"why":"退"})").code() == "conflict");
    v1::Show show;
    fair.site.must("GET", depot).read(show);
    CHECK(show.offers(0).left() == 96);

    const auto by_channel = fair.totals("channel", 2);
    REQUIRE(by_channel.lines_size() == 1);
    CHECK(by_channel.lines(0).key() == "4");
    CHECK(by_channel.lines(0).paid_fen() == 4 * 5990);
    const auto by_kind = fair.totals("kind", 2);
    REQUIRE(by_kind.lines_size() == 1);
    CHECK(by_kind.lines(0).key() == "1");
    v1::ShowTotals live;
    fair.site.must("GET", depot + "/totals", "", fair.host).read(live);
    CHECK(live.show().paid_fen() == 4 * 5990);
    CHECK(live.buyers_paid() == 0);  // nobody knows who bought
    CHECK(fair.site.differences("depot").empty());

    fair.site.must("POST", depot + "/offers/depot-offer/close", "{}", fair.host);
    CHECK(fair.call(depot + "/stall-orders",
                    R"({"orderId":"stall-0000000000000003","offerId":"depot-offer","count":"1","tag":"东门","reference":"现金"})").status == 404);
    fair.end();
    CHECK(fair.stock().total() == 4);
    CHECK(fair.site.differences("depot").empty());
}
