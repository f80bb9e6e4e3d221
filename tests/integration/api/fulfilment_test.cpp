#include <livefair/v1/order.pb.h>

#include <catch2/catch.hpp>

#include "integration/api/site.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using test::Site;

namespace {

constexpr const char* order_id = "order-0000000000000001";
const std::string of_buyer = std::string("/api/v1/orders/") + order_id;
const std::string of_show = std::string("/api/v1/shows/show-a/orders/") + order_id;

/// A paid order of one box in show-a.
void buy_and_pay(Site& site, const std::string& buyer) {
    site.must("POST", "/api/v1/orders",
              std::string(R"({"orderId":")") + order_id +
                  R"(","showId":"show-a","offerId":"show-a-offer","quantity":"1","addressId":")" +
                  site.address_of(buyer) + R"("})",
              buyer);
    v1::CreatePaymentResponse payment;
    site.must("POST", of_buyer + "/payment", "{}", buyer).read(payment);
    REQUIRE(site.call("POST", "/pay/sandbox/" + payment.payment_id() + "/confirm").status == 303);
}

v1::OrderState state_of(Site& site, const std::string& buyer) {
    v1::Order order;
    site.must("GET", of_buyer, "", buyer).read(order);
    return order.state();
}

constexpr const char* parcel = R"({"carrier":"中国邮政","trackingNumber":"EMS-1234"})";

}  // namespace

TEST_CASE(
    "staff of the room pack and ship a paid order, its buyer confirms the receipt, and each step is in the history",
    "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    const auto buyer = site.buyer("13800001234"), host = site.host_of("show-a-room");
    buy_and_pay(site, buyer);
    CHECK(site.call("POST", of_buyer + "/received", "{}", buyer).code() == "conflict");

    v1::Order order;
    site.must("POST", of_show + "/pack", R"({"why":"早班"})", host).read(order);
    CHECK(order.state() == v1::ORDER_STATE_PACKED);
    CHECK(order.address().phone() == "138****1234");
    CHECK(order.address().recipient() == "王**");
    CHECK(order.address().detail() == "****");
    site.must("POST", of_show + "/pack", "{}", host);
    site.must("POST", of_show + "/ship", parcel, host).read(order);
    CHECK(order.state() == v1::ORDER_STATE_SHIPPED);
    CHECK(order.tracking_number() == "EMS-1234");
    const auto back = site.call("POST", of_show + "/pack", "{}", host);
    CHECK(back.status == 409);
    v1::ErrorBody sentence;
    back.read(sentence);
    CHECK(sentence.message_zh() == "订单现在是“已发货”，不能改为“已打包”；请刷新后再看。");
    site.must("POST", of_buyer + "/received", "{}", buyer).read(order);
    CHECK(order.state() == v1::ORDER_STATE_DONE);
    CHECK(order.address().detail() == "五一大道1号");
    CHECK(state_of(site, buyer) == v1::ORDER_STATE_DONE);

    v1::OrderHistory history;
    site.must("GET", of_show + "/history", "", host).read(history);
    std::string kinds;
    for (const auto& event : history.events()) kinds += event.kind() + " ";
    CHECK(kinds == "placed paid packed shipped done ");
    CHECK(history.events(2).by_name() == "主播");
    CHECK(history.events(2).why() == "早班");
    v1::ListOrdersResponse orders;
    site.must("GET", "/api/v1/shows/show-a/orders?state=8", "", host).read(orders);
    REQUIRE(orders.orders_size() == 1);
    CHECK(orders.orders(0).address().detail() == "****");
}

TEST_CASE("nobody but the show's own staff sees or moves its orders", "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    site.make_sale("show-b", 2);
    const auto buyer = site.buyer("13800001234"), other = site.buyer("13800005678");
    const auto host_b = site.host_of("show-b-room");
    buy_and_pay(site, buyer);
    for (const auto* path : {"/pack", "/ship", "/done"}) {
        CHECK(site.call("POST", of_show + path, "{}").status == 401);
        CHECK(site.call("POST", of_show + path, "{}", buyer).status == 403);
        CHECK(site.call("POST", of_show + path, "{}", host_b).status == 403);
    }
    CHECK(site.call("GET", of_show + "/history", "", buyer).status == 403);
    CHECK(site.call("GET", "/api/v1/shows/show-a/orders", "", host_b).status == 403);
    // By the other show's own door.
    const std::string wrong_show = std::string("/api/v1/shows/show-b/orders/") + order_id;
    CHECK(site.call("POST", wrong_show + "/pack", "{}", host_b).status == 404);
    CHECK(site.call("GET", wrong_show + "/history", "", host_b).status == 404);
    CHECK(site.call("POST", of_buyer + "/received", "{}", other).status == 404);
    CHECK(state_of(site, buyer) == v1::ORDER_STATE_PAID);
}

TEST_CASE("a step with texts that break a rule is refused and names the field", "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    const auto buyer = site.buyer("13800001234");
    buy_and_pay(site, buyer);
    const auto says = [&](const std::string& path, const std::string& body) {
        const auto refused = site.call("POST", of_show + path, body, site.site_operator());
        CHECK(refused.status == 400);
        return refused.body;
    };
    CHECK(says("/ship", R"({"trackingNumber":"EMS-1234"})").find("carrier") != std::string::npos);
    CHECK(says("/ship", R"({"carrier":" ","trackingNumber":"EMS-1234"})").find("carrier") != std::string::npos);
    CHECK(says("/ship", R"({"carrier":"邮政","trackingNumber":"=1+1"})").find("trackingNumber") != std::string::npos);
    CHECK(says("/ship", R"({"carrier":"邮政","trackingNumber":")" + std::string(41, '1') + R"("})")
              .find("trackingNumber") != std::string::npos);
    CHECK(says("/pack", parcel).find("carrier") != std::string::npos);
    CHECK(says("/pack", R"({"why":"\u0007"})").find("why") != std::string::npos);
    CHECK(says("/pack", R"({"state":"paid"})").find("state") != std::string::npos);
    CHECK(site.call("GET", "/api/v1/shows/show-a/orders?state=99", "", site.site_operator()).status == 400);
    CHECK(site.call("GET", "/api/v1/shows/show-a/orders?after=%2F", "", site.site_operator()).status == 400);
    CHECK(state_of(site, buyer) == v1::ORDER_STATE_PAID);
}

TEST_CASE("staff gives money back, above the limit together with a colleague, and a buyer may ask for it", "[api]") {
    Site site([](Config& config) { config.orders.refund_four_eyes_fen = 3000; });
    site.make_sale("show-a", 2);
    const auto buyer = site.buyer("13800001234"), other = site.buyer("13800005678"), host = site.host_of("show-a-room");
    buy_and_pay(site, buyer);
    const auto refunds = of_show + "/refunds";
    const auto decide = [](const std::string& id, const std::string& how) {
        return "/api/v1/shows/show-a/refunds/" + id + how;
    };
    CHECK(site.call("POST", refunds, R"({"refundId":"r1","amountFen":"100"})", buyer).status == 403);
    CHECK(site.call("POST", refunds, R"({"refundId":"r1"})", host).status == 400);
    CHECK(site.call("POST", refunds, R"({"refundId":"r 1","amountFen":"100"})", host).status == 400);
    CHECK(site.call("POST", refunds, R"({"refundId":"r1","amountFen":"-1"})", host).status == 400);
    CHECK(site.call("POST", refunds, R"({"refundId":"r1","quantity":"100"})", host).status == 400);
    CHECK(site.call("POST", refunds, R"({"refundId":"r1","amountFen":"5991"})", host).status == 400);
    // The provider gives this money back, nobody over the counter.
    CHECK(site.call("POST", refunds, R"({"refundId":"r1","amountFen":"100","reference":"现金"})", host).code() == "invalid_input");
    v1::Refund refund;
    for (int i = 0; i < 2; ++i) {
        site.must("POST", refunds, R"({"refundId":"r1","amountFen":"1000","why":"少了两个"})", host).read(refund);
        CHECK(refund.state() == v1::REFUND_STATE_ACCEPTED);
        CHECK(refund.amount_fen() == 1000);
    }
    CHECK(site.call("POST", refunds, R"({"refundId":"r1","amountFen":"1001"})", host).status == 409);

    site.must("POST", refunds, R"({"refundId":"r2","amountFen":"2500"})", host).read(refund);
    CHECK(refund.state() == v1::REFUND_STATE_ASKED);
    CHECK(site.call("POST", decide("r2", "/agree"), "{}", host).status == 403);
    CHECK(site.call("POST", decide("r2", "/agree"), "{}", buyer).status == 403);
    CHECK(site.call("POST", decide("r9", "/agree"), "{}", host).status == 404);
    CHECK(site.call("POST", of_show + "/pack", "{}", host).status == 409);
    site.must("POST", decide("r2", "/agree"), "{}", site.site_operator()).read(refund);
    CHECK(refund.state() == v1::REFUND_STATE_ACCEPTED);
    CHECK(site.call("POST", decide("r2", "/decline"), "{}", site.site_operator()).status == 409);

    // The buyer asks for the rest; nobody else may.
    CHECK(site.call("POST", of_buyer + "/refunds", R"({"refundId":"r3","quantity":"1"})", other).status == 404);
    CHECK(site.call("GET", of_buyer + "/refunds", "", other).status == 404);
    site.must("POST", of_buyer + "/refunds", R"({"refundId":"r3","quantity":"1","why":"不想要了"})", buyer)
        .read(refund);
    CHECK(refund.state() == v1::REFUND_STATE_ASKED);
    CHECK(refund.amount_fen() == 2490);
    CHECK(state_of(site, buyer) == v1::ORDER_STATE_PAID);
    site.must("POST", decide("r3", "/agree"), R"({"why":"同意"})", host);
    CHECK(state_of(site, buyer) == v1::ORDER_STATE_REFUNDING);
    v1::ListRefundsResponse list;
    site.must("GET", of_buyer + "/refunds", "", buyer).read(list);
    CHECK(list.refunds_size() == 3);
    // Who of the staff asked and decided is no business of the buyer's.
    std::size_t own = 0;
    for (const auto& mine : list.refunds()) {
        CHECK(mine.decided_by().empty());
        own += mine.asked_by().empty() ? 0U : 1U;
    }
    CHECK(own == 1);
    site.must("POST", of_buyer + "/refunds", R"({"refundId":"r3","quantity":"1","why":"不想要了"})", buyer).read(refund);
    CHECK(refund.decided_by().empty());
    site.must("GET", "/api/v1/shows/show-a/refunds?state=2", "", host).read(list);
    CHECK(list.refunds_size() == 3);
    for (const auto& refund_of_show : list.refunds()) CHECK_FALSE(refund_of_show.decided_by().empty());
    CHECK(site.call("GET", "/api/v1/shows/show-a/refunds", "", buyer).status == 403);
}

TEST_CASE("staff asks again for a refund that failed, or notes how else it was given back, and recount and totals stay right", "[api]") {
    Site site([](Config& config) { config.orders.refund_four_eyes_fen = 3000; });
    site.make_sale("show-a", 2);
    const auto buyer = site.buyer("13800001234"), host = site.host_of("show-a-room");
    buy_and_pay(site, buyer);
    const std::string refund_path = "/api/v1/shows/show-a/refunds/r1", outside = R"({"reference":"ICBC-1","why":"买家的卡已注销"})";
    v1::Refund refund;
    site.must("POST", of_show + "/refunds", R"({"refundId":"r1","quantity":"1"})", host);
    site.must("POST", refund_path + "/agree", "{}", site.site_operator()).read(refund);
    CHECK(refund.state() == v1::REFUND_STATE_ACCEPTED);
    CHECK(site.call("POST", refund_path + "/again", "{}", host).status == 409);
    CHECK(site.call("POST", refund_path + "/outside", outside, host).status == 409);
    const auto check_totals = [&] {
        v1::ShowTotals totals;
        site.must("GET", "/api/v1/shows/show-a/totals", "", host).read(totals);
        CHECK(totals.show().paid_fen() == 5990);
        CHECK(totals.show().refunded_fen() == 5990);
        CHECK(site.differences("show-a").empty());
    };
    site.refuse_refunds();
    v1::ListRefundsResponse list;
    site.must("GET", "/api/v1/shows/show-a/refunds?state=5", "", host).read(list);
    CHECK(list.refunds_size() == 1);
    check_totals();
    CHECK(site.call("POST", refund_path + "/again", "{}", buyer).status == 403);
    CHECK(site.call("POST", "/api/v1/shows/show-a/refunds/r9/again", "{}", host).status == 404);
    for (int i = 0; i < 2; ++i) {
        site.must("POST", refund_path + "/again", R"({"why":"再试一次"})", host).read(refund);
        CHECK(refund.state() == v1::REFUND_STATE_ACCEPTED);
    }
    check_totals();
    site.refuse_refunds();
    for (const auto* body : {"{}", R"({"reference":"ICBC-1"})", R"({"why":"x"})", R"({"reference":"  ","why":"x"})", R"({"reference":"ICBC-1","why":" "})"})
        CHECK(site.call("POST", refund_path + "/outside", body, host).status == 400);
    CHECK(site.call("POST", refund_path + "/outside", outside, buyer).status == 403);
    CHECK(site.call("POST", refund_path + "/outside", outside, site.site_operator()).status == 403);  // who agreed
    for (int i = 0; i < 2; ++i) {
        site.must("POST", refund_path + "/outside", outside, host).read(refund);
        CHECK(refund.state() == v1::REFUND_STATE_DONE);
        CHECK(refund.reference() == "ICBC-1");
    }
    CHECK(site.call("POST", refund_path + "/again", "{}", host).status == 409);
    CHECK(state_of(site, buyer) == v1::ORDER_STATE_REFUNDED);
    check_totals();
}

TEST_CASE("addresses are shown in full to who ships, with the reason, and operators see each look", "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    site.make_sale("show-b", 2);
    const auto buyer = site.buyer("13800001234"), host = site.host_of("show-a-room"),
               other = site.host_of("show-b-room");
    buy_and_pay(site, buyer);
    CHECK(site.call("POST", of_show + "/address", "{}", host).status == 400);
    CHECK(site.call("POST", of_show + "/address", R"({"why":"贴面单"})", other).status == 403);
    CHECK(site.call("POST", of_show + "/address", R"({"why":"贴面单"})", buyer).status == 403);
    v1::Address address;
    site.must("POST", of_show + "/address", R"({"why":"贴面单"})", host).read(address);
    CHECK(address.recipient() == "王小明");
    CHECK(address.phone() == "13800001234");
    CHECK(address.detail() == "五一大道1号");

    const auto list = site.must("POST", "/api/v1/shows/show-a/ship-out", R"({"why":"早班发货"})", host);
    CHECK(list.header("content-type") == "text/csv; charset=utf-8");
    CHECK(list.body.starts_with("\xEF\xBB\xBF订单号,收件人,"));
    CHECK(list.body.find(std::string(order_id) +
                         ",王小明,13800001234,长沙市芙蓉区,五一大道1号,冰糖橙,1,箱,5000,,\r\n") != std::string::npos);
    CHECK(list.body.find("已满") == std::string::npos);
    const auto full = site.must("POST", "/api/v1/shows/show-a/ship-out?count=1", R"({"why":"早班发货"})", host);
    CHECK(full.body.find("本表已满 1 个订单") != std::string::npos);
    CHECK(site.call("POST", "/api/v1/shows/show-a/ship-out?count=20001", R"({"why":"早班发货"})", host).status == 400);
    CHECK(site.call("POST", "/api/v1/shows/show-a/ship-out", R"({"why":"早班发货"})", other).status == 403);
    CHECK(site.call("POST", "/api/v1/shows/show-a/ship-out", "{}", host).status == 400);
    CHECK(site.call("POST", "/api/v1/shows/show-a/ship-out?supplier=%3D1", R"({"why":"x"})", host).status == 400);

    CHECK(site.call("GET", "/api/v1/personal-looks", "", host).status == 403);
    v1::ListPersonalLooksResponse looks;
    site.must("GET", "/api/v1/personal-looks", "", site.site_operator()).read(looks);
    REQUIRE(looks.looks_size() == 3);
    CHECK(looks.looks(0).what() == "ship_out");
    CHECK(looks.looks(2).what() == "address");
    CHECK(looks.looks(2).by_name() == "主播");
    CHECK(looks.looks(2).order_id() == order_id);
}

TEST_CASE("a buyer reads what happened to their own order, without staff's names and reasons, and nobody else learns that it exists", "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    const auto buyer = site.buyer("13800001234"), other = site.buyer("13800005678"), host = site.host_of("show-a-room");
    buy_and_pay(site, buyer);
    site.must("POST", of_show + "/pack", R"({"why":"早班"})", host);
    site.must("POST", of_show + "/ship", parcel, host);
    site.must("POST", of_buyer + "/received", "{}", buyer);
    site.must("POST", of_buyer + "/refunds", R"({"refundId":"r1","amountFen":"100","why":"坏了"})", buyer);
    site.must("POST", "/api/v1/shows/show-a/refunds/r1/decline", R"({"why":"没有照片"})", host);

    const auto answer = site.must("GET", of_buyer + "/history", "", buyer);
    v1::OwnOrderHistory history;
    answer.read(history);
    std::string told;
    for (const auto& event : history.events()) {
        told += event.kind() + " " + event.carrier() + event.tracking_number() + ";";
        CHECK(event.at_ms() > 1'600'000'000'000);
    }
    CHECK(told == "placed ;paid ;packed ;shipped 中国邮政EMS-1234;done ;refund_asked ;refund_declined ;");
    CHECK(history.events(5).amount_fen() == 100);
    for (const auto* secret : {"主播", "早班", "没有照片", "坏了", "account", "\"by", "detail", "pay_"})
        CHECK(answer.body.find(secret) == std::string::npos);

    CHECK(site.call("GET", of_buyer + "/history").status == 401);
    const auto missing = site.call("GET", "/api/v1/orders/order-0000000000000002/history", "", other);
    CHECK(missing.status == 404);
    for (const auto& stranger : {other, host, site.site_operator()}) {
        const auto refused = site.call("GET", of_buyer + "/history", "", stranger);
        CHECK(refused.status == 404);
        CHECK(refused.body == missing.body);
    }
    for (const auto& id : {std::string("_"), std::string("order-000000000000000%27"), std::string("%E5%8D%95"), std::string(65, 'a')}) {
        CAPTURE(id);
        CHECK(site.call("GET", "/api/v1/orders/" + id + "/history", "", buyer).status == 404);
    }
    for (const std::string id : {"%25", "..", "order-0000000000000001%00", "%FF"})
        CHECK(site.call("GET", "/api/v1/orders/" + id + "/history", "", buyer).status == 400);
    CHECK(site.call("POST", of_buyer + "/history", "{}", buyer).status == 405);
}

TEST_CASE("staff of the room find its orders by number, parcel and nickname, and a text that breaks a rule is refused", "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    site.make_sale("show-b", 2);
    const auto buyer = site.buyer("13800001234"), host = site.host_of("show-a-room"), host_b = site.host_of("show-b-room");
    buy_and_pay(site, buyer);
    site.must("POST", of_show + "/ship", parcel, host);
    const auto found = [&](const std::string& query, const std::string& show = "show-a") {
        v1::ListOrdersResponse orders;
        site.must("GET", "/api/v1/shows/" + show + "/orders?" + query, "", show == "show-a" ? host : host_b).read(orders);
        for (const auto& order : orders.orders()) CHECK(order.address().detail() == "****");
        return orders.orders_size();
    };
    CHECK(found("text=") == 1);
    // The last three are of the nickname that was made for the buyer: 用户1234.
    for (const std::string text : {"order-0000", order_id, "EMS-1234", "%E7%94%A8%E6%88%B71234", "%E6%88%B7", "1234"}) {
        CAPTURE(text);
        CHECK(found("text=" + text) == 1);
        CHECK(found("text=" + text + "&state=7") == 1);
        CHECK(found("text=" + text + "&state=2") == 0);
        CHECK(found("text=" + text + "&after=" + order_id) == 0);
        CHECK(found("text=" + text, "show-b") == 0);
    }
    for (const auto* text : {"%25", "_", "EMS", "rder-0", "13800001234", "%E7%8E%8B%E5%B0%8F%E6%98%8E", "%27%20OR%201%3D1--", "%5C", "!"}) {
        CAPTURE(text);
        CHECK(found(std::string("text=") + text) == 0);
    }
    std::string longest;
    for (int i = 0; i < 64; ++i) longest += "%E6%A9%99";
    CHECK(found("text=" + longest) == 0);
    const auto refusal = [&](const std::string& text) {
        const auto refused = site.call("GET", "/api/v1/shows/show-a/orders?text=" + text, "", host);
        CHECK(refused.status == 400);
        v1::ErrorBody sentence;
        refused.read(sentence);
        return sentence.message_zh();
    };
    CHECK(refusal(longest + "x") == "“text”最多 64 个字，不能有控制字符。");
    CHECK(refusal(std::string(4000, 'x')) == "“text”最多 64 个字，不能有控制字符。");
    CHECK(refusal("%20%20") == "“text”不能为空。");
    CHECK(refusal("%E2%80%AE") == "“text”最多 64 个字，不能有控制字符。");
    for (const std::string text : {"%00", "a%0Ab", "%FF", "%ED%A0%80"})
        CHECK(site.call("GET", "/api/v1/shows/show-a/orders?text=" + text, "", host).status == 400);
    CHECK(site.call("GET", "/api/v1/shows/show-a/orders?text=order").status == 401);
    for (const auto& stranger : {buyer, host_b}) CHECK(site.call("GET", "/api/v1/shows/show-a/orders?text=order", "", stranger).status == 403);
}
