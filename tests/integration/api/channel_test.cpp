// Shows whose orders staff enter: bulk channels and stalls, made, run and ended by the API alone.
#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/inventory.pb.h>
#include <livefair/v1/order.pb.h>

#include <catch2/catch.hpp>

#include "integration/api/site.hpp"

using namespace livefair;
using test::Site;

namespace {

const std::string shows = "/api/v1/shows", depot = "/api/v1/shows/depot";

v1::Show show_at(Site& site, const std::string& path) {
    v1::Show show;
    site.must("GET", path).read(show);
    return show;
}

std::int64_t total_of_stock(Site& site) {
    v1::ListStocksResponse stocks;
    site.must("GET", depot + "/stocks", "", site.site_operator()).read(stocks);
    REQUIRE(stocks.stocks_size() == 1);
    return stocks.stocks(0).total();
}

/// What a buyer hears who orders online.
v1::OrderAnswer order_online(Site& site, const std::string& buyer, const std::string& id) {
    const auto answered = site.call(
        "POST", "/api/v1/orders",
        R"({"orderId":")" + id + R"(","showId":"depot","offerId":"depot-offer","quantity":"1","addressId":")" +
            site.address_of(buyer) + R"("})",
        buyer);
    CHECK(answered.status == 422);
    v1::OrderAnswer answer;
    answered.read(answer);
    return answer;
}

}  // namespace

TEST_CASE("a bulk channel and a stall go live without a till, change their stock, and give back what is left when they end", "[api]") {
    const std::string channel = GENERATE("CHANNEL_BULK", "CHANNEL_STALL");
    Site site;
    const auto& token = site.site_operator();
    site.make_sale("depot", 10, channel);
    auto show = show_at(site, depot);
    CHECK(v1::Channel_Name(show.channel()) == channel);
    CHECK(show.state() == v1::SHOW_STATE_LIVE);
    CHECK(show.offers(0).state() == v1::OFFER_STATE_OPEN);
    CHECK(show.offers(0).left() == 10);
    CHECK(site.redis({"EXISTS", "{sdepot}:till"}).integer == 0);
    CHECK(show_at(site, "/api/v1/rooms/depot-room/show").offers(0).left() == 10);

    site.must("POST", depot + "/stocks/depot-stock/changes", R"({"id":"c1","amount":"5"})", token);
    v1::AllocationChange change;
    site.must("POST", depot + "/stocks/depot-stock/changes", R"({"id":"c2","amount":"-3"})", token).read(change);
    CHECK(change.state() == v1::ALLOCATION_CHANGE_STATE_TOLD);
    CHECK(total_of_stock(site) == 12);
    site.must("POST", depot + "/offers",
              R"({"id":"second","title":"两箱装","kind":"OFFER_KIND_NORMAL","priceFen":"11000","lines":[{"stockId":"depot-stock","quantity":"2"}]})",
              token);
    site.must("POST", depot + "/offers/second/open", "{}", token);
    v1::Offer offer;
    site.must("POST", depot + "/offers/second/close", "{}", token).read(offer);
    CHECK(offer.state() == v1::OFFER_STATE_CLOSED);

    for (int i = 0; i < 2; ++i) site.must("POST", depot + "/state", R"({"state":"SHOW_STATE_ENDED"})", token);
    show = show_at(site, depot);
    CHECK(show.state() == v1::SHOW_STATE_ENDED);
    CHECK(show.offers(0).state() == v1::OFFER_STATE_CLOSED);
    CHECK(total_of_stock(site) == 0);
    v1::Inventory inventory;
    site.must("GET", "/api/v1/products/depot-product/inventory", "", token).read(inventory);
    CHECK(inventory.allocated() == 0);
}

TEST_CASE("an order online to a bulk channel or a stall is rejected with what to do, whatever the show's state", "[api]") {
    const std::string channel = GENERATE("CHANNEL_BULK", "CHANNEL_STALL");
    Site site;
    site.make_sale("depot", 10, channel);
    const auto buyer = site.buyer("13800001234");
    for (int i = 0; i < 2; ++i) {
        const auto answer = order_online(site, buyer, "order-0000000000000001");
        CHECK(answer.outcome() == v1::OUTCOME_REJECTED);
        CHECK(answer.reason() == v1::REJECT_REASON_NO_OFFER);
        CHECK(answer.message_zh() == "这个场次由工作人员登记订单,不在网上出售,请联系工作人员。");
    }
    site.must("POST", depot + "/state", R"({"state":"SHOW_STATE_ENDED"})", site.site_operator());
    CHECK(order_online(site, buyer, "order-0000000000000002").outcome() == v1::OUTCOME_REJECTED);
    CHECK(show_at(site, depot).offers(0).left() == 0);
}

TEST_CASE("a show is made for one channel, without one for a broadcast, and only broadcasts are rehearsed", "[api]") {
    Site site;
    const auto& token = site.site_operator();
    const auto make = [&](const std::string& rest) {
        return site.call("POST", shows, R"({"title":"湖南专场")" + rest + "}", token);
    };
    v1::Show show;
    make("").read(show);
    CHECK(show.channel() == v1::CHANNEL_SHOW);
    make(R"(,"id":"mall","channel":"CHANNEL_MALL")").read(show);
    CHECK(show.channel() == v1::CHANNEL_MALL);
    for (const auto* channel : {R"("CHANNEL_STREET")", "5", "-1", "1.5", "[]"}) {
        INFO(channel);
        CHECK(make(std::string(R"(,"channel":)") + channel).code() == "invalid_input");
    }
    for (const auto* channel : {"CHANNEL_BULK", "CHANNEL_STALL"}) {
        CHECK(make(std::string(R"(,"practice":true,"channel":")") + channel + "\"").code() == "invalid_input");
    }
    v1::ListShowsResponse list;
    site.must("GET", shows).read(list);
    CHECK(list.shows_size() == 2);
    for (const auto& each : list.shows()) CHECK(each.channel() != v1::CHANNEL_UNSPECIFIED);
}
