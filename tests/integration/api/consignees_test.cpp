// How far each part of a bulk order has got.
#include <catch2/catch.hpp>

#include "integration/api/depot.hpp"

using namespace livefair;
using test::Depot;
using test::depot;
using test::depot_orders;

namespace {

const std::string id = "bulk-00000000000000001", parts = depot_orders + id + "/consignees/";

std::string parcel(const std::string& number) {
    return R"({"carrier":"中国邮政","trackingNumber":")" + number + R"(","why":"早班"})";
}

/// A paid bulk order for two canteens.
void buy(Depot& fair) {
    fair.order_by_quote("q1", id);
    fair.pay(id, "ICBC-1");
}

}  // namespace

TEST_CASE("each consignee's part is shipped and received by itself, and the order follows the last one", "[api]") {
    Depot fair("CHANNEL_BULK");
    buy(fair);
    fair.must(depot_orders + id + "/pack", "{}");
    auto list = fair.consignees(id);
    REQUIRE(list.consignees_size() == 2);
    CHECK(list.consignees(0).unit_name() == "一食堂");
    CHECK(list.consignees(0).recipient() == "李**");
    CHECK(list.consignees(0).phone() == "139****5678");
    CHECK(list.consignees(0).detail() == "****");
    CHECK(list.consignees(0).count() == 30);
    CHECK(list.consignees(1).position() == 2);
    CHECK(list.consignees(1).state() == v1::CONSIGNEE_STATE_WAITING);

    fair.must(parts + "2/ship", parcel("EMS-0002")).read(list);
    CHECK(list.consignees(0).state() == v1::CONSIGNEE_STATE_WAITING);
    CHECK(list.consignees(1).state() == v1::CONSIGNEE_STATE_SHIPPED);
    CHECK(list.consignees(1).tracking_number() == "EMS-0002");
    const auto shipped_ms = list.consignees(1).shipped_ms();
    CHECK(shipped_ms > 0);
    CHECK(fair.order(id).state() == v1::ORDER_STATE_PACKED);
    // What is still to be sent is one canteen's.
    const auto to_send = fair.site.must("POST", depot + "/ship-out", R"({"why":"早班发货"})", fair.host).body;
    CHECK(to_send.find("一食堂") != std::string::npos);
    CHECK(to_send.find("二食堂") == std::string::npos);
    fair.must(parts + "2/ship", parcel("EMS-0022")).read(list);
    CHECK(list.consignees(1).tracking_number() == "EMS-0022");
    CHECK(list.consignees(1).shipped_ms() == shipped_ms);
    fair.must(parts + "2/received", "{}").read(list);
    CHECK(list.consignees(1).state() == v1::CONSIGNEE_STATE_RECEIVED);
    CHECK(fair.call(parts + "2/ship", parcel("EMS-0002")).code() == "conflict");
    CHECK(fair.order(id).state() == v1::ORDER_STATE_PACKED);

    fair.must(parts + "1/ship", parcel("EMS-0001"));
    CHECK(fair.order(id).state() == v1::ORDER_STATE_SHIPPED);
    fair.must(parts + "1/received", R"({"why":"食堂来电"})");
    CHECK(fair.order(id).state() == v1::ORDER_STATE_DONE);
    CHECK(fair.history(id) ==
          "entered paid_outside packed consignee_shipped consignee_tracking_corrected consignee_received consignee_shipped shipped "
          "consignee_received done ");
    v1::OrderHistory history;
    fair.site.must("GET", depot_orders + id + "/history", "", fair.host).read(history);
    CHECK(history.events(3).detail() == "2 二食堂 中国邮政 EMS-0002");
    CHECK(history.events(3).by_name() == "主播");
    CHECK(history.events(3).why() == "早班");
}

TEST_CASE("a step of the whole order takes along the consignees that are behind", "[api]") {
    Depot fair("CHANNEL_BULK");
    buy(fair);
    fair.must(parts + "1/ship", parcel("EMS-0001"));
    fair.must(depot_orders + id + "/ship", parcel("EMS-0009"));
    auto list = fair.consignees(id);
    CHECK(list.consignees(0).tracking_number() == "EMS-0001");
    CHECK(list.consignees(1).state() == v1::CONSIGNEE_STATE_SHIPPED);
    CHECK(list.consignees(1).tracking_number() == "EMS-0009");
    fair.must(depot_orders + id + "/ship", parcel("EMS-0010"));
    list = fair.consignees(id);
    CHECK(list.consignees(0).tracking_number() == "EMS-0001");
    CHECK(list.consignees(1).tracking_number() == "EMS-0010");
    fair.must(parts + "1/received", "{}");
    fair.must(depot_orders + id + "/done", "{}");
    list = fair.consignees(id);
    for (const auto& to : list.consignees()) CHECK(to.state() == v1::CONSIGNEE_STATE_RECEIVED);
    fair.must(parts + "2/received", "{}");
    CHECK(fair.order(id).state() == v1::ORDER_STATE_DONE);
}

TEST_CASE("a consignee's part goes forward only, of a paid order, by the show's staff, with a carrier and a number", "[api]") {
    Depot fair("CHANNEL_BULK");
    fair.order_by_quote("q1", id);
    const auto refused = fair.call(parts + "1/ship", parcel("EMS-0001"));  // not paid yet
    CHECK(refused.status == 409);
    v1::ErrorBody sentence;
    refused.read(sentence);
    CHECK(sentence.message_zh() == "这个收货单位的部分不能改为“已发货”：订单已付款才能发货，已发货才能签收；请刷新后再看。");
    fair.pay(id, "ICBC-1");
    CHECK(fair.call(parts + "1/received", "{}").code() == "conflict");
    CHECK(fair.call(parts + "1/received", parcel("EMS-0001")).code() == "invalid_input");
    CHECK(fair.call(parts + "1/ship", "{}").code() == "invalid_input");
    CHECK(fair.call(parts + "1/ship", R"({"carrier":"中国邮政","trackingNumber":"=1+1"})").code() == "invalid_input");
    for (const auto* position : {"0", "3", "-1", "x", "1x", "99999999999999999999"}) {
        INFO(position);
        CHECK(fair.call(parts + position + "/ship", parcel("EMS-0001")).status == 404);
    }
    CHECK(fair.call(depot_orders + "bulk-00000000000000009/consignees/1/ship", parcel("EMS-0001")).status == 404);
    CHECK(fair.site.call("GET", depot_orders + "bulk-00000000000000009/consignees", "", fair.host).status == 404);
    const auto buyer = fair.site.buyer("13800001234"), stranger = fair.site.host_of("another-room");
    for (const auto& token : {buyer, stranger}) {
        CHECK(fair.site.call("GET", depot_orders + id + "/consignees", "", token).status == 403);
        CHECK(fair.site.call("POST", parts + "1/ship", parcel("EMS-0001"), token).status == 403);
        CHECK(fair.site.call("POST", parts + "1/received", "{}", token).status == 403);
    }
    CHECK(fair.consignees(id).consignees(0).state() == v1::CONSIGNEE_STATE_WAITING);
}
