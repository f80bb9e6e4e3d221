// Money of a bulk channel's and a stall's orders goes back past the provider.
#include <catch2/catch.hpp>

#include "integration/api/depot.hpp"

using namespace livefair;
using test::Depot;
using test::depot;
using test::depot_orders;

namespace {

std::string wish(const std::string& id, const std::string& rest) {
    return R"({"refundId":")" + id + R"(","why":"品质问题",)" + rest + "}";
}

/// Nobody else has to agree.
void alone(Config& config) {
    config.orders.refund_four_eyes_fen = 1'000'000;
}

}  // namespace

TEST_CASE("a refund of a bulk order is done at once with its reference, and its goods are back in the show's stock", "[api]") {
    Depot fair("CHANNEL_BULK", alone);
    const std::string id = "bulk-00000000000000001", refunds = depot_orders + id + "/refunds";
    fair.order_by_quote("q1", id);
    fair.pay(id, "ICBC-1");
    v1::ErrorBody refused;
    fair.call(refunds, wish("r1", R"("quantity":"1")")).read(refused);
    CHECK(refused.code() == "invalid_input");
    CHECK(refused.message_zh() == "“reference”必须填写：这个订单的钱由工作人员退回，请先退款，再填转账编号或收据号。");
    for (const auto& reference : {std::string("  "), std::string("\\u0007"), std::string(61, 'x')})
        CHECK(fair.call(refunds, wish("r1", R"("quantity":"1","reference":")" + reference + "\"")).code() == "invalid_input");
    v1::Refund refund;
    fair.must(refunds, wish("r1", R"("amountFen":"50000","reference":"ICBC-R1")")).read(refund);
    CHECK(refund.state() == v1::REFUND_STATE_DONE);
    CHECK(refund.reference() == "ICBC-R1");
    CHECK(refund.settled_ms() > 0);
    CHECK(fair.call(refunds, wish("r1", R"("amountFen":"50000","reference":"ICBC-R2")")).code() == "conflict");
    CHECK(fair.call(refunds, wish("r2", R"("amountFen":"150001","reference":"ICBC-R2")")).code() == "invalid_input");
    CHECK(fair.stock().committed() == 40);
    CHECK(fair.site.differences("depot").empty());

    fair.must(refunds, wish("r2", R"("quantity":"1","reference":"ICBC-R2")")).read(refund);
    CHECK(refund.amount_fen() == 150'000);
    CHECK(refund.restocks());
    CHECK(fair.order(id).state() == v1::ORDER_STATE_REFUNDED);
    CHECK(fair.stock().committed() == 0);
    CHECK(fair.history(id) == "entered paid_outside refund_asked refund_accepted refund_paid refund_asked refund_accepted refund_paid ");
    const auto sold = fair.totals("channel", 1, 200'000);
    CHECK(sold.show().paid_fen() == 200'000);
    CHECK(sold.show().net_fen() == 0);
    CHECK(sold.show().units_refunded() == 40);
    CHECK(fair.site.differences("depot").empty());
    fair.end();
    CHECK(fair.stock().total() == 0);
}

TEST_CASE("parts that were sent stay sold when the whole bulk order is refunded", "[api]") {
    Depot fair("CHANNEL_BULK", alone);
    const std::string id = "bulk-00000000000000001";
    fair.order_by_quote("q1", id);
    fair.pay(id, "ICBC-1");
    fair.must(depot_orders + id + "/consignees/1/ship", R"({"carrier":"中国邮政","trackingNumber":"EMS-0001"})");
    fair.must(depot_orders + id + "/refunds", wish("r1", R"("quantity":"1","reference":"ICBC-R1")"));
    CHECK(fair.stock().committed() == 30);
    CHECK(fair.call(depot_orders + id + "/consignees/2/ship", R"({"carrier":"中国邮政","trackingNumber":"EMS-0002"})").code() == "conflict");
    CHECK(fair.site.differences("depot").empty());
}

TEST_CASE("a refund of a stall's order above the limit is done when a second person has agreed", "[api]") {
    Depot fair("CHANNEL_STALL", [](Config& config) { config.orders.refund_four_eyes_fen = 6000; });
    const std::string id = "stall-0000000000000001", refunds = depot_orders + id + "/refunds";
    fair.sell_at_stall(id, 3);
    v1::Refund refund;
    fair.must(refunds, wish("r1", R"("quantity":"2","reference":"收据 7")")).read(refund);
    CHECK(refund.state() == v1::REFUND_STATE_ASKED);
    CHECK(fair.call(depot + "/refunds/r1/agree", "{}").code() == "forbidden");
    for (int i = 0; i < 2; ++i)
        fair.site.must("POST", depot + "/refunds/r1/agree", R"({"why":"核对过"})", fair.site.site_operator()).read(refund);
    CHECK(refund.state() == v1::REFUND_STATE_DONE);
    CHECK(refund.amount_fen() == 2 * 5990);
    CHECK_FALSE(refund.restocks());
    CHECK(fair.order(id).state() == v1::ORDER_STATE_DONE);
    CHECK(fair.stock().committed() == 3);  // it was handed over
    v1::ShowTotals live;
    fair.site.must("GET", depot + "/totals", "", fair.host).read(live);
    CHECK(live.show().refunded_fen() == 2 * 5990);
    CHECK(fair.site.differences("depot").empty());
}
