#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>
#include <livefair/v1/payment.pb.h>
#include <livefair/v1/room.pb.h>

#include <catch2/catch.hpp>

#include "integration/api/site.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using test::Site;

namespace {

std::string order_body(const std::string& order, const std::string& show, const std::string& address,
                       const std::string& quantity = "1") {
    return R"({"orderId":")" + order + R"(","showId":")" + show + R"(","offerId":")" + show + R"(-offer","quantity":)" +
           quantity + R"(,"addressId":")" + address + R"("})";
}

constexpr const char* order_id = "order-0000000000000001";

v1::Order get_order(Site& site, const std::string& token) {
    v1::Order order;
    site.must("GET", std::string("/api/v1/orders/") + order_id, "", token).read(order);
    return order;
}

}  // namespace

TEST_CASE("a buyer orders, pays on the sandbox's page and sees the order paid, and nobody else sees it", "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    const auto buyer = site.buyer("13800001234"), other = site.buyer("13800005678");
    const auto body = order_body(order_id, "show-a", site.address_of(buyer));
    v1::OrderAnswer answered;
    site.must("POST", "/api/v1/orders", body, buyer).read(answered);
    CHECK(answered.outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(answered.amount_fen() == 5990);
    site.must("POST", "/api/v1/orders", body, buyer);  // the same again is the same order
    CHECK(get_order(site, buyer).state() == v1::ORDER_STATE_RESERVED);
    CHECK(get_order(site, buyer).address().phone() == "138****1234");

    const std::string path = std::string("/api/v1/orders/") + order_id;
    CHECK(site.call("GET", path, "", other).code() == "not_found");
    CHECK(site.call("POST", path + "/cancel", "{}", other).status == 404);
    CHECK(site.call("POST", path + "/payment", "{}", other).status == 404);
    CHECK(site.call("GET", path).status == 401);
    CHECK(site.call("POST", "/api/v1/orders", body, other).status == 422);  // with an address that is not theirs
    CHECK(site.call("POST", "/api/v1/orders", order_body(order_id, "show-a", site.address_of(other)), other).status ==
          409);

    v1::CreatePaymentResponse payment;
    site.must("POST", path + "/payment", "{}", buyer).read(payment);
    const auto page_path = "/pay/sandbox/" + payment.payment_id();
    const auto page = site.call("GET", page_path);
    CHECK(page.status == 200);
    CHECK(page.body.find("&lt;b&gt;冰糖橙&lt;/b&gt;") != std::string::npos);
    CHECK(page.body.find("<b>冰糖橙") == std::string::npos);
    CHECK(page.body.find("¥59.90") != std::string::npos);
    CHECK(page.body.find("no money moves") != std::string::npos);
    CHECK(page.header("content-security-policy").find("frame-ancestors 'none'") != std::string::npos);
    CHECK(site.call("GET", "/pay/sandbox/unknown").status == 404);
    CHECK(site.call("POST", page_path + "/confirm", "", "", {{"Origin", "https://evil.tld"}}).status == 403);

    const auto confirmed = site.call("POST", page_path + "/confirm");
    CHECK(confirmed.status == 303);
    CHECK(confirmed.header("location") == page_path);
    CHECK(test::run_until(site.context(), [&] { return get_order(site, buyer).state() == v1::ORDER_STATE_PAID; }));
    v1::ShowTotals totals;
    site.must("GET", "/api/v1/shows/show-a/totals", "", site.site_operator()).read(totals);
    CHECK(totals.show().paid_fen() == 5990);
}

TEST_CASE("each refusal of an order has its status", "[api]") {
    Site site;
    site.make_sale("show-a", 1);
    const auto buyer = site.buyer("13800001234");
    const auto address = site.address_of(buyer);
    const auto place = [&](const std::string& body, net::HttpHeaders headers = {}) {
        return site.call("POST", "/api/v1/orders", body, buyer, headers);
    };
    CHECK(place(order_body("short", "show-a", address)).status == 400);
    for (const auto* quantity : {"0", "-1", "100", "2147483648", "9223372036854775807"})
        CHECK(place(order_body(std::string("order-quantity-") + quantity, "show-a", address, quantity)).status >= 400);
    CHECK(place(order_body("order-0000000000000002", "show-a", address, "1.5")).status == 400);
    CHECK(place(order_body("order-0000000000000003", "show-a", "not-mine")).status == 422);
    const auto body = order_body(order_id, "show-a", address);
    CHECK(place(body, {{"Idempotency-Key", "another"}}).status == 400);
    CHECK(place(body, {{"Idempotency-Key", order_id}}).status == 200);
    const auto sold_out = place(order_body("order-0000000000000004", "show-a", address));
    CHECK(sold_out.status == 422);
    v1::OrderAnswer answer;
    sold_out.read(answer);
    CHECK(answer.reason() == v1::REJECT_REASON_SOLD_OUT);
    CHECK(site.call("POST", "/api/v1/orders", body).status == 401);
}

TEST_CASE("a cancelled order gives its box back", "[api]") {
    Site site;
    site.make_sale("show-a", 1);
    const auto buyer = site.buyer("13800001234");
    const auto address = site.address_of(buyer);
    site.must("POST", "/api/v1/orders", order_body(order_id, "show-a", address), buyer);
    v1::CancelOrderResponse cancelled;
    site.must("POST", std::string("/api/v1/orders/") + order_id + "/cancel", "{}", buyer).read(cancelled);
    CHECK(cancelled.outcome() == v1::OUTCOME_ACCEPTED);
    site.must("POST", "/api/v1/orders", order_body("order-0000000000000002", "show-a", address), buyer);
}

TEST_CASE("the host of room A can do nothing in room B", "[api]") {
    Site site;
    site.make_sale("show-a", 5);
    site.make_sale("show-b", 5);
    const auto host = site.host_of("show-a-room");
    const std::vector<std::pair<std::string, std::string>> calls = {
        {"/api/v1/shows/show-b/state", R"({"state":"SHOW_STATE_ENDED"})"},
        {"/api/v1/shows/show-b/segments", "{}"},
        {"/api/v1/shows/show-b/stocks", R"({"productId":"show-a-product","total":5})"},
        {"/api/v1/shows/show-b/offers", "{}"},
        {"/api/v1/shows/show-b/offers/show-b-offer/open", "{}"},
        {"/api/v1/shows/show-b/offers/show-b-offer/close", "{}"},
        {"/api/v1/rooms/show-b-room/stream-key", "{}"},
        {"/api/v1/shows", R"({"id":"show-c","title":"c"})"},
        {"/api/v1/staff", "{}"},
        {"/api/v1/grants", "{}"}};
    for (const auto& [path, body] : calls) {
        INFO(path);
        CHECK(site.call("POST", path, body, host).code() == "forbidden");
    }
    CHECK(site.call("GET", "/api/v1/shows/show-b/totals", "", host).status == 403);
    CHECK(site.call("GET", "/api/v1/dashboard", "", host).status == 403);
    // Through one's own show's path another show's offer does not exist.
    CHECK(site.call("POST", "/api/v1/shows/show-a/offers/show-b-offer/close", "{}", host).status == 404);
    CHECK(site.call("POST", "/api/v1/shows/show-a/offers/show-a-offer/close", "{}", host).status == 200);
    CHECK(site.call("GET", "/api/v1/shows/show-a/totals", "", host).status == 200);
    CHECK(site.call("POST", "/api/v1/rooms/show-a-room/stream-key", "{}", host).status == 200);
    CHECK(site.call("POST", "/api/v1/rooms/no-room/stream-key", "{}", site.site_operator()).status == 404);
}

TEST_CASE("a show is read by anyone, with its offers as the till has them", "[api]") {
    Site site;
    site.make_sale("show-a", 3);
    const auto buyer = site.buyer("13800001234");
    site.must("POST", "/api/v1/orders", order_body(order_id, "show-a", site.address_of(buyer)), buyer);
    v1::Show show;
    site.must("GET", "/api/v1/shows/show-a").read(show);
    CHECK(show.state() == v1::SHOW_STATE_LIVE);
    CHECK(show.playlist_url() == "http://127.0.0.1:8081/hls/show-a-room/index.m3u8");
    REQUIRE(show.offers_size() == 1);
    CHECK(show.offers(0).state() == v1::OFFER_STATE_OPEN);
    CHECK(show.offers(0).left() == 2);
    CHECK(show.offers(0).unit() == "箱");
    CHECK(site.call("GET", "/api/v1/shows/none").code() == "not_found");
    CHECK(site.call("GET", "/api/v1/rooms/none/history").status == 404);
    CHECK(site.call("GET", "/api/v1/rooms/show-a-room/history?count=1000").status == 400);
    CHECK(site.call("GET", "/api/v1/rooms/show-a-room/history").status == 200);
}

TEST_CASE("opening a sale and starting a show are told to the room", "[api]") {
    Site site;
    site.make_sale("show-a", 3);
    site.must("POST", "/api/v1/shows/show-a/offers/show-a-offer/close", "{}", site.site_operator());
    std::vector<v1::RoomEvent> events;
    for (const auto& entry : site.redis({"XRANGE", "{rshow-a-room}:history", "-", "+"}).items) {
        const auto& fields = entry.items.at(1).items;
        for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
            if (fields[i].text == "e") REQUIRE(events.emplace_back().ParseFromString(fields[i + 1].text));
    }
    REQUIRE(events.size() == 4);
    CHECK(events[0].offer().offer().state() == v1::OFFER_STATE_DRAFT);
    CHECK(events[1].show().state() == v1::SHOW_STATE_LIVE);
    CHECK(events[2].offer().offer().state() == v1::OFFER_STATE_OPEN);
    CHECK(events[3].offer().offer().state() == v1::OFFER_STATE_CLOSED);
}

TEST_CASE("the sandbox's page rehearses faults, and the buyer's return finds a payment that no webhook told of", "[api]") {
    Site site;
    site.make_sale("show-a", 2);
    const auto buyer = site.buyer("13800001234"), other = site.buyer("13800005678");
    site.must("POST", "/api/v1/orders", order_body(order_id, "show-a", site.address_of(buyer)), buyer);
    const std::string path = std::string("/api/v1/orders/") + order_id + "/payment";
    v1::CreatePaymentResponse payment;
    site.must("POST", path, "{}", buyer).read(payment);
    const auto page_path = "/pay/sandbox/" + payment.payment_id();
    CHECK(site.call("GET", page_path).body.find("value=\"amount+1\"") != std::string::npos);
    CHECK(site.call("POST", page_path + "/confirm", "mode=steal").status == 400);
    CHECK(site.call("POST", page_path + "/confirm", "x").status == 400);
    CHECK(site.call("POST", page_path + "/confirm", "mode=forge").status == 303);
    CHECK(get_order(site, buyer).state() == v1::ORDER_STATE_RESERVED);

    CHECK(site.call("POST", page_path + "/confirm", "mode=never").status == 303);
    CHECK(site.call("GET", page_path).body.find("Paid") != std::string::npos);
    CHECK(get_order(site, buyer).state() == v1::ORDER_STATE_RESERVED);
    CHECK(site.call("POST", path + "/check", "{}").status == 401);
    CHECK(site.call("POST", path + "/check", "{}", other).status == 404);
    v1::Order order;
    site.must("POST", path + "/check", "{}", buyer).read(order);
    CHECK(order.state() == v1::ORDER_STATE_PAID);
    v1::SupplierStatement statement;
    site.must("GET", "/api/v1/shows/show-a/statement", "", site.site_operator()).read(statement);
    CHECK(statement.due_fen() == 5990);
    CHECK(statement.suppliers_size() == 1);
    CHECK(site.call("GET", "/api/v1/shows/show-a/statement", "", buyer).status == 403);
    CHECK(site.call("POST", "/api/v1/payments/another/notify", "{}").status == 404);
    CHECK(site.call("POST", "/api/v1/payments/sandbox/notify", "{}").status == 400);
}

TEST_CASE("an address with a card number in it is refused with a word about why, and nothing of it is kept", "[api]") {
    Site site;
    const auto buyer = site.buyer("13800001234");
    const auto refused = site.call(
        "POST", "/api/v1/addresses",
        R"({"recipient":"王小明","phone":"13800001234","regionCode":"430102","regionName":"长沙","detail":"卡号 6222021234567890128"})",
        buyer);
    CHECK(refused.status == 400);
    CHECK(refused.code() == "invalid_input");
    CHECK(refused.body.find("银行卡号") != std::string::npos);
    CHECK(refused.body.find("6222") == std::string::npos);
    CHECK(site.must("GET", "/api/v1/addresses", "", buyer).body == "{}");
}
