#include <livefair/v1/order.pb.h>
#include <livefair/v1/totals.pb.h>

#include <catch2/catch.hpp>

#include "integration/api/site.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using test::Site;

namespace {

const std::string totals_path = "/api/v1/shows/show-a/totals/";

void buy(Site& site, const std::string& buyer, const std::string& id, bool pays) {
    site.must("POST", "/api/v1/orders",
              R"({"orderId":")" + id + R"(","showId":"show-a","offerId":"show-a-offer","quantity":"1","addressId":")" +
                  site.address_of(buyer) + R"("})",
              buyer);
    if (!pays) return;
    v1::CreatePaymentResponse payment;
    site.must("POST", "/api/v1/orders/" + id + "/payment", "{}", buyer).read(payment);
    REQUIRE(site.call("POST", "/pay/sandbox/" + payment.payment_id() + "/confirm").status == 303);
}

v1::SalesTotals totals(Site& site, const std::string& what) {
    v1::SalesTotals answer;
    site.must("GET", totals_path + what, "", site.site_operator()).read(answer);
    return answer;
}

}  // namespace

TEST_CASE("totals by a dimension lead to their orders, without a name or a phone in them", "[api]") {
    Site site;
    site.make_sale("show-a", 5);
    const auto buyer = site.buyer("13800001234");
    buy(site, buyer, "order-0000000000000001", true);
    buy(site, buyer, "order-0000000000000002", false);
    // Sums are as of a second ago.
    v1::SalesTotals sold;
    REQUIRE(test::run_until(
        site.context(),
        [&] {
            return (sold = totals(site, "product")).show().orders() == 2 && sold.show().orders_paid() == 1 &&
                   sold.settled();
        },
        std::chrono::seconds(10)));
    CHECK(sold.show().gross_fen() == 2 * 5990);
    CHECK(sold.show().net_fen() == 5990);
    REQUIRE(sold.lines_size() == 1);
    const auto as_of = std::to_string(sold.as_of_ms());
    CHECK(totals(site, "product?as_of_ms=" + as_of).SerializeAsString() == sold.SerializeAsString());

    const auto page =
        site.must("GET", totals_path + "product/orders?count=1&key=" + sold.lines(0).key() + "&as_of_ms=" + as_of, "",
                  site.site_operator());
    v1::ListSalesOrdersResponse orders;
    page.read(orders);
    REQUIRE(orders.orders_size() == 1);
    CHECK(orders.has_more());
    CHECK(orders.orders(0).order_id() == "order-0000000000000001");
    CHECK(orders.orders(0).figures().net_fen() == 5990);
    CHECK(page.body.find("1380000") == std::string::npos);
    CHECK(page.body.find("王") == std::string::npos);
    site.must("GET",
              totals_path + "product/orders?count=1&after=order-0000000000000001&key=" + sold.lines(0).key() +
                  "&as_of_ms=" + as_of,
              "", site.site_operator())
        .read(orders);
    REQUIRE(orders.orders_size() == 1);
    CHECK(!orders.has_more());
    CHECK(orders.orders(0).paid_ms() == 0);
}

TEST_CASE("totals are for those who may see them, and say what is wrong with a question", "[api]") {
    Site site;
    site.make_sale("show-a", 5);
    const auto host = site.host_of("show-a-room"), other = site.host_of("another-room"),
               buyer = site.buyer("13800001234");
    CHECK(site.call("GET", totals_path + "show", "", host).status == 200);
    CHECK(site.call("GET", totals_path + "show", "", other).status == 403);
    CHECK(site.call("GET", totals_path + "show/orders", "", buyer).status == 403);
    CHECK(site.call("GET", totals_path + "show").status == 401);
    CHECK(site.call("GET", "/api/v1/shows/show-a/flags", "", buyer).status == 403);
    for (const auto* path : {"/api/v1/league", "/api/v1/reconciliations"}) {
        CHECK(site.call("GET", path, "", host).status == 403);
        CHECK(site.call("GET", path, "", site.site_operator()).status == 200);
    }
    const auto refused = [&](const std::string& what) {
        return site.call("GET", totals_path + what, "", site.site_operator()).code();
    };
    CHECK(refused("person") == "invalid_input");
    CHECK(refused("show?as_of_ms=99999999999999") == "invalid_input");
    CHECK(refused("show?as_of_ms=-1") == "invalid_input");
    CHECK(refused("show/orders?count=201") == "invalid_input");
    CHECK(refused("show/orders?after=%27%3B") == "invalid_input");
    CHECK(refused("show/orders?key=" + std::string(401, 'k')) == "invalid_input");
    CHECK(site.call("GET", "/api/v1/league?from_ms=99999999999999", "", site.site_operator()).code() ==
          "invalid_input");
    CHECK(site.call("POST", "/api/v1/organisations/none/facts", R"({"members":"5"})", site.site_operator()).status ==
          404);
    CHECK(site.call("POST", "/api/v1/organisations/none/facts", R"({"members":"-5"})", site.site_operator()).code() ==
          "invalid_input");
}
