// What a bulk channel or a stall gives away.
#include <catch2/catch.hpp>

#include "integration/api/depot.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using test::consignee;
using test::Depot;
using test::depot;
using test::depot_orders;

namespace {

const std::string id = "gift-00000000000000001";

std::string gift(const std::string& order, int count, const std::string& why = "抽奖") {
    return R"({"orderId":")" + order + R"(","offerId":"depot-offer","count":")" + std::to_string(count) + R"(","why":")" +
           why + R"(","consignees":[)" + consignee("敬老院", count) + "]}";
}

/// The lines by kind, once they are a second old.
v1::SalesTotals by_kind(Depot& fair) {
    v1::SalesTotals sold;
    REQUIRE(test::run_until(
        fair.site.context(),
        [&] {
            fair.site.must("GET", depot + "/totals/kind", "", fair.host).read(sold);
            return sold.lines_size() == 1;
        },
        std::chrono::seconds(10)));
    return sold;
}

}  // namespace

TEST_CASE("a gift is paid at once with nothing, goes to its consignees, and counts under its kind alone", "[api]") {
    const std::string channel = GENERATE("CHANNEL_BULK", "CHANNEL_STALL");
    Depot fair(channel);
    v1::Order order;
    fair.must(depot + "/gift-orders", gift(id, 40)).read(order);
    CHECK(order.state() == v1::ORDER_STATE_PAID);
    CHECK(order.kind() == v1::ORDER_KIND_GIFT);
    CHECK(order.amount_fen() == 0);
    CHECK(fair.stock().committed() == 40);

    const auto sold = by_kind(fair);
    CHECK(sold.lines(0).key() == "4");
    CHECK(sold.lines(0).units_paid() == 40);
    CHECK(sold.lines(0).weight_paid_g() == 200'000);
    CHECK(sold.lines(0).gross_fen() == 0);
    CHECK(sold.lines(0).paid_fen() == 0);
    CHECK(sold.show().orders() == 0);
    CHECK(sold.show().units() == 0);
    CHECK(fair.totals("channel", 0).lines_size() == 0);
    v1::ShowTotals live;
    fair.site.must("GET", depot + "/totals", "", fair.host).read(live);
    CHECK(live.show().orders_paid() == 0);
    CHECK(live.show().units_paid() == 0);

    CHECK(fair.consignees(id).consignees(0).phone() == "139****5678");
    fair.must(depot_orders + id + "/consignees/1/ship", R"({"carrier":"中国邮政","trackingNumber":"EMS-0001"})");
    fair.must(depot_orders + id + "/consignees/1/received", "{}");
    CHECK(fair.order(id).state() == v1::ORDER_STATE_DONE);
    CHECK(fair.history(id) == "given consignee_shipped shipped consignee_received done ");
    CHECK(fair.call(depot_orders + id + "/refunds", R"({"refundId":"r1","quantity":"1","reference":"现金"})").code() == "conflict");
    CHECK(fair.site.differences("depot").empty());
    fair.end();
    CHECK(fair.stock().total() == 40);
    CHECK(fair.call(depot + "/gift-orders", gift("gift-00000000000000002", 1)).code() == "conflict");
}

TEST_CASE("a gift that says too little, asks for too much or is another one is refused, and nobody but the show's host gives", "[api]") {
    Depot fair("CHANNEL_BULK");
    fair.must(depot + "/gift-orders", gift(id, 40));
    CHECK(fair.call(depot + "/gift-orders", gift(id, 39)).code() == "conflict");
    CHECK(fair.call(depot + "/gift-orders", gift(id, 40, "慰问")).code() == "conflict");
    const std::string next = "gift-00000000000000002";
    CHECK(fair.call(depot + "/gift-orders", gift(next, 61)).code() == "conflict");
    CHECK(fair.call(depot + "/gift-orders", gift(next, 0)).code() == "invalid_input");
    CHECK(fair.call(depot + "/gift-orders", gift(next, 1, " ")).code() == "invalid_input");
    CHECK(fair.call(depot + "/gift-orders", gift(next, 1, std::string(201, 'x'))).code() == "invalid_input");
    CHECK(fair.call(depot + "/gift-orders", R"({"orderId":"g","offerId":"depot-offer","count":"1","why":"抽奖"})").code() == "invalid_input");
    v1::ErrorBody sentence;
    fair.call(depot + "/gift-orders", R"({"orderId":"g","offerId":"depot-offer","count":"3","why":"抽奖","consignees":[)" + consignee("敬老院", 2) + "]}")
        .read(sentence);
    CHECK(sentence.message_zh() == "各收货单位的数量之和必须等于订单数量；请核对。");
    CHECK(fair.call(depot + "/gift-orders",
                    R"({"orderId":"g","offerId":"none","count":"2","why":"抽奖","consignees":[)" + consignee("敬老院", 2) + "]}").status == 404);
    const auto buyer = fair.site.buyer("13800001234"), stranger = fair.site.host_of("another-room");
    for (const auto& token : {buyer, stranger}) CHECK(fair.site.call("POST", depot + "/gift-orders", gift(next, 1), token).status == 403);
    fair.site.make_sale("show-a", 10);
    CHECK(fair.site.call("POST", "/api/v1/shows/show-a/gift-orders", gift(next, 1), fair.site.site_operator()).code() == "conflict");
    CHECK(fair.stock().committed() == 40);
}
