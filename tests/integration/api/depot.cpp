#include "integration/api/depot.hpp"

#include <catch2/catch.hpp>

#include "support/run_task.hpp"

namespace livefair::test {

std::string consignee(const std::string& unit, int count) {
    return R"({"unitName":")" + unit +
           R"(","recipient":"李梅","phone":"13900005678","regionCode":"430200","regionName":"株洲","detail":"天元路2号","count":")" +
           std::to_string(count) + R"("})";
}

Depot::Depot(const std::string& channel, const std::function<void(Config&)>& change) : site(change) {
    const auto& token = site.site_operator();
    site.make_sale("depot", 0, channel);
    site.must("POST", "/api/v1/products/depot-product/inventory", R"({"total":"150"})", token);
    site.must("POST", depot + "/stocks/depot-stock/changes", R"({"id":"c1","amount":"100"})", token);
    site.must("POST", "/api/v1/organisations",
              R"({"id":"fed","name":"株洲市妇联","kind":"womens_federation","regionCode":"430200"})", token);
    host = site.host_of("depot-room");
}

Answer Depot::must(const std::string& path, const std::string& body) {
    const auto first = site.must("POST", path, body, host), second = site.must("POST", path, body, host);
    CHECK(first.body == second.body);
    return second;
}

v1::Order Depot::order_by_quote(const std::string& quote, const std::string& id, const std::string& kind) {
    const std::string beneficiary = kind == "ORDER_KIND_DONATION" ? R"(,"beneficiary":"新晃县敬老院")" : "";
    site.must("POST", depot + "/quotes",
              R"({"id":")" + quote + R"(","offerId":"depot-offer","organisationId":"fed","kind":")" + kind +
                  R"(","unitPriceFen":"5000","countMin":"10","validUntilMs":"4000000000000")" + beneficiary + "}",
              host);
    v1::Order order;
    must(depot + "/quotes/" + quote + "/order",
         R"({"orderId":")" + id + R"(","count":"40","invoiceTitle":"株洲市妇联","consignees":[)" + consignee("一食堂", 30) +
             "," + consignee("二食堂", 10) + "]}")
        .read(order);
    return order;
}

v1::Order Depot::pay(const std::string& id, const std::string& reference) {
    v1::Order order;
    must(depot_orders + id + "/paid", R"({"reference":")" + reference + R"("})").read(order);
    return order;
}

v1::Order Depot::sell_at_stall(const std::string& id, int count) {
    v1::Order order;
    must(depot + "/stall-orders", R"({"orderId":")" + id + R"(","offerId":"depot-offer","count":")" + std::to_string(count) +
                                      R"(","tag":"东门 3 号摊","reference":"现金"})")
        .read(order);
    return order;
}

v1::Stock Depot::stock() {
    v1::ListStocksResponse stocks;
    site.must("GET", depot + "/stocks", "", host).read(stocks);
    REQUIRE(stocks.stocks_size() == 1);
    return stocks.stocks(0);
}

v1::ListConsigneesResponse Depot::consignees(const std::string& order) {
    v1::ListConsigneesResponse list;
    site.must("GET", depot_orders + order + "/consignees", "", host).read(list);
    return list;
}

v1::Order Depot::order(const std::string& id) {
    v1::ListOrdersResponse list;
    site.must("GET", depot + "/orders", "", host).read(list);
    for (const auto& each : list.orders())
        if (each.id() == id) return each;
    FAIL("no order " << id);
    return {};
}

std::string Depot::history(const std::string& order) {
    v1::OrderHistory history;
    site.must("GET", depot_orders + order + "/history", "", host).read(history);
    std::string kinds;
    for (const auto& event : history.events()) kinds += event.kind() + " ";
    return kinds;
}

v1::SalesTotals Depot::totals(const std::string& dimension, int count, std::int64_t refunded_fen) {
    v1::SalesTotals sold;
    REQUIRE(run_until(
        site.context(),
        [&] {
            site.must("GET", depot + "/totals/" + dimension, "", host).read(sold);
            return sold.show().orders_paid() == count && sold.show().refunded_fen() == refunded_fen;
        },
        std::chrono::seconds(10)));
    return sold;
}

void Depot::end() {
    site.must("POST", depot + "/state", R"({"state":"SHOW_STATE_ENDED"})", host);
}

}  // namespace livefair::test
