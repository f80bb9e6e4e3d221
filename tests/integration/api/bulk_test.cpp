// Bulk orders, quotes, intents, agreements and the stall, as staff ask for them.
#include <livefair/v1/bulk.pb.h>

#include <catch2/catch.hpp>

#include "integration/api/site.hpp"

using namespace livefair;
using test::Site;

namespace {

const std::string show = "/api/v1/shows/show-a";

/// A sale with a cooperative and a trade union beside it.
void make_market(Site& site) {
    site.make_sale("show-a", 10);
    for (const auto* organisation : {R"({"id":"coop","name":"新晃合作社","kind":"cooperative","regionCode":"431227"})",
                                     R"({"id":"union","name":"长沙工会","kind":"trade_union","regionCode":"430100"})"})
        site.must("POST", "/api/v1/organisations", organisation, site.site_operator());
}

const std::string intent =
    R"({"id":"i1","organisationId":"union","productId":"show-a-product","count":"40","hopedPriceFen":"5500","note":"中秋"})";
const std::string agreement =
    R"({"id":"a1","supplierId":"coop","buyerId":"union","productId":"show-a-product","count":"100","unitPriceFen":"5200","fromMs":"1","untilMs":"2"})";
const std::string quote =
    R"({"id":"q1","offerId":"show-a-offer","organisationId":"union","kind":"ORDER_KIND_BULK","unitPriceFen":"5500","countMin":"10","validUntilMs":"4000000000000"})";
const std::string stall =
    R"({"orderId":"stall-0000000000000001","offerId":"show-a-offer","count":"1","tag":"一号摊","reference":"收据 7"})";
const std::string order =
    R"({"orderId":"bulk-00000000000000001","count":"10","invoiceTitle":"长沙工会","consignees":[{"unitName":"一车间","recipient":"李四","phone":"13800001234","regionCode":"430102","regionName":"长沙","detail":"1 号","count":"10"}]})";

/// `body` with what follows `key` up to the next comma or brace replaced.
std::string with(std::string body, const std::string& key, const std::string& value) {
    const auto at = body.find("\"" + key + "\":") + key.size() + 3;
    const auto end = body.find_first_of(",}", at);
    return body.replace(at, end - at, value);
}

}  // namespace

TEST_CASE("an intent is made once, listed and withdrawn, and what it names must exist", "[api]") {
    Site site;
    make_market(site);
    const auto host = site.host_of("show-a-room");
    v1::PurchaseIntent made;
    // Its state and order are the site's to say.
    site.must("POST", show + "/intents",
              with(intent, "note", R"("中秋","state":"INTENT_STATE_CONVERTED","orderId":"x")"), host)
        .read(made);
    CHECK(made.state() == v1::INTENT_STATE_OPEN);
    CHECK(made.order_id().empty());
    CHECK(made.show_id() == "show-a");
    CHECK(made.made_ms() > 0);
    CHECK(site.call("POST", show + "/intents", intent, host).code() == "conflict");
    CHECK(
        site.call("POST", show + "/intents", with(with(intent, "id", R"("i2")"), "organisationId", R"("nobody")"), host)
            .status == 404);
    CHECK(site.call("POST", show + "/intents", with(with(intent, "id", R"("i2")"), "productId", R"("nothing")"), host)
              .status == 404);
    for (int i = 0; i < 2; ++i) site.must("POST", show + "/intents/i1/withdraw", "", host);
    v1::ListIntentsResponse intents;
    site.must("GET", show + "/intents", "", host).read(intents);
    REQUIRE(intents.intents_size() == 1);
    CHECK(intents.intents(0).state() == v1::INTENT_STATE_WITHDRAWN);
    CHECK(site.call("POST", show + "/intents/i9/withdraw", "", host).status == 404);
}

TEST_CASE("an agreement is signed, then ended, and never goes back", "[api]") {
    Site site;
    make_market(site);
    const auto& token = site.site_operator();
    v1::SupplyAgreement made;
    site.must("POST", "/api/v1/agreements", agreement, token).read(made);
    CHECK(made.state() == v1::AGREEMENT_STATE_DRAFT);
    CHECK(site.call("POST", "/api/v1/agreements", agreement, token).code() == "conflict");
    for (const auto* step : {"sign", "sign", "end", "end"})
        site.must("POST", std::string("/api/v1/agreements/a1/") + step, "", token);
    CHECK(site.call("POST", "/api/v1/agreements/a1/sign", "", token).status == 409);
    CHECK(site.call("POST", "/api/v1/agreements/a9/sign", "", token).status == 404);
    v1::ListAgreementsResponse agreements;
    site.must("GET", "/api/v1/agreements", "", token).read(agreements);
    REQUIRE(agreements.agreements_size() == 1);
    CHECK(agreements.agreements(0).state() == v1::AGREEMENT_STATE_ENDED);
}

TEST_CASE("a live show's stock is not sold past its till, at a stall or by a quote", "[api]") {
    Site site;
    make_market(site);
    const auto host = site.host_of("show-a-room");
    const auto at_stall = site.call("POST", show + "/stall-orders", stall, host);
    CHECK(at_stall.status == 409);
    v1::ErrorBody sentence;
    at_stall.read(sentence);
    CHECK(sentence.message_zh() == "这个场次不是相应的渠道，或正在直播销售；请选择专用的大宗或展位场次。");
    CHECK(site.call("POST", show + "/quotes", quote, host).status == 404);
    CHECK(site.call("POST", show + "/quotes/q1/order", order, host).status == 404);
    CHECK(site.call("POST", show + "/quotes/q1/withdraw", "", host).status == 404);
    v1::ListQuotesResponse quotes;
    site.must("GET", show + "/quotes", "", host).read(quotes);
    CHECK(quotes.quotes_size() == 0);
    for (const auto* path : {"/orders/bulk-00000000000000001/paid", "/orders/bulk-00000000000000001/release"})
        CHECK(site.call("POST", show + path, R"({"reference":"汇款 1"})", site.site_operator()).status >= 400);
    CHECK(site.call("GET", show + "/orders/bulk-00000000000000001/certificate", "", host).status == 404);
}

TEST_CASE("nobody but staff of the show has to do with its bulk orders, nobody but the site's with agreements",
          "[api]") {
    Site site;
    make_market(site);
    const auto buyer = site.buyer("13800001234"), stranger = site.host_of("show-b-room"),
               host = site.host_of("show-a-room");
    const std::vector<std::pair<std::string, std::string>> calls = {
        {"/stall-orders", stall},    {"/quotes", quote},   {"/quotes/q1/withdraw", ""},
        {"/quotes/q1/order", order}, {"/intents", intent}, {"/intents/i1/withdraw", ""}};
    for (const auto& [path, body] : calls) {
        INFO(path);
        CHECK(site.call("POST", show + path, body).status == 401);
        CHECK(site.call("POST", show + path, body, buyer).status == 403);
        CHECK(site.call("POST", show + path, body, stranger).status == 403);
    }
    for (const auto* path : {"/quotes", "/intents"}) CHECK(site.call("GET", show + path, "", buyer).status == 403);
    CHECK(site.call("POST", "/api/v1/agreements", agreement, host).status == 403);
    CHECK(site.call("GET", "/api/v1/agreements", "", host).status == 403);
}

TEST_CASE("bodies of bulk orders that are wrong in one field are refused, and nothing is written", "[api]") {
    Site site;
    make_market(site);
    const auto& token = site.site_operator();
    struct Call {
        std::string path, body, key;
    };
    const std::vector<Call> calls = {
        {show + "/intents", intent, "count"},      {show + "/quotes", quote, "unitPriceFen"},
        {show + "/quotes", quote, "countMin"},     {show + "/quotes/q1/order", order, "count"},
        {show + "/stall-orders", stall, "count"},  {"/api/v1/agreements", agreement, "unitPriceFen"},
        {"/api/v1/agreements", agreement, "count"}};
    for (const auto& call : calls) {
        for (const auto* value : {R"("0")", R"("-1")", "1.5", R"("9223372036854775807")", R"("9223372036854775808")",
                                  "1e400", "null", "[]", "{}", "\"x\"", "NaN"}) {
            INFO(call.path << " " << call.key << " " << value);
            CHECK(site.call("POST", call.path, with(call.body, call.key, value), token).status == 400);
        }
    }
    const std::string long_text(70'000, 'x'), control = R"("a\u0007b")";
    CHECK(site.call("POST", show + "/intents", with(intent, "note", control), token).status == 400);
    CHECK(site.call("POST", show + "/intents", with(intent, "id", R"("../../etc")"), token).status == 400);
    CHECK(
        site.call("POST", show + "/intents", with(intent, "note", "\"" + std::string(201, 'x') + "\""), token).status ==
        400);
    CHECK(site.call("POST", show + "/intents", with(intent, "note", "\"" + long_text + "\""), token).status >= 400);
    CHECK(site.call("POST", show + "/intents", std::string(100, '['), token).status == 400);
    CHECK(site.call("POST", show + "/intents", intent + "x", token).status == 400);
    CHECK(site.call("POST", show + "/stall-orders", with(stall, "tag", R"("")"), token).status == 400);
    CHECK(site.call("POST", show + "/stall-orders", with(stall, "reference", R"("\ud800")"), token).status == 400);
    CHECK(site.call("POST", show + "/quotes", with(quote, "kind", R"("ORDER_KIND_GIFT")"), token).status == 400);
    CHECK(site.call("POST", show + "/quotes/q1/order", with(order, "phone", R"("1380000123")"), token).status == 400);
    CHECK(site.call("POST", show + "/quotes/q1/order", R"({"orderId":"bulk-00000000000000001","count":"1"})", token)
              .status == 400);
    CHECK(site.call("POST", "/api/v1/agreements", with(agreement, "buyerId", R"("coop")"), token).status == 400);
    CHECK(site.call("POST", "/api/v1/agreements", with(agreement, "untilMs", R"("1")"), token).status == 400);
    v1::ListIntentsResponse intents;
    site.must("GET", show + "/intents", "", token).read(intents);
    CHECK(intents.intents_size() == 0);
    v1::ListAgreementsResponse agreements;
    site.must("GET", "/api/v1/agreements", "", token).read(agreements);
    CHECK(agreements.agreements_size() == 0);
}
