#include "api/json.hpp"

#include <livefair/v1/account.pb.h>
#include <livefair/v1/catalog.pb.h>

#include <catch2/catch.hpp>

using namespace livefair;

namespace {

std::optional<api::Problem> read(const std::string& body, google::protobuf::Message& message) {
    net::HttpRequest request;
    request.body = body;
    return api::read_body(request, message);
}

bool is_refused(const std::string& body) {
    v1::Offer offer;
    return read(body, offer).has_value();
}

std::string body_of(const net::HttpResponse& response) {
    std::string text;
    for (const auto& part : response.body) text += *part;
    return text;
}

}  // namespace

TEST_CASE("a body is read by protobuf's JSON mapping, and an empty one is an empty message", "[api]") {
    v1::Offer offer;
    CHECK_FALSE(read(
        R"({"id":"o1","priceFen":"5990","kind":"OFFER_KIND_FLASH","lines":[{"stockId":"s","quantity":1}]})", offer));
    CHECK(offer.price_fen() == 5990);
    CHECK(offer.kind() == v1::OFFER_KIND_FLASH);
    CHECK(offer.lines(0).quantity() == 1);
    v1::Offer empty;
    CHECK_FALSE(read("", empty));
}

TEST_CASE("an unknown field is refused by name", "[api]") {
    v1::Offer offer;
    const auto problem = read(R"({"id":"o1","discountFen":1})", offer);
    REQUIRE(problem);
    CHECK(problem->code == Errc::invalid_input);
    CHECK(problem->message_en.find("discountFen") != std::string::npos);
}

TEST_CASE("what is not strict JSON of the message is refused", "[api]") {
    for (const auto& bad : std::vector<std::string>{
             "[", "{", "null", "1", "[]", "{}x", "{\"id\":1}", "{\"priceFen\":1.5}", "{\"priceFen\":1e400}",
             "{\"priceFen\":\"x\"}", "{\"priceFen\":9223372036854775808}", "{\"priceFen\":NaN}",
             "{\"kind\":\"NO_SUCH\"}", "{\"number\":2147483648}", "{\"id\":\"\xC0\xAF\"}"}) {
        INFO(bad);
        CHECK(is_refused(bad));
    }
    CHECK(is_refused(std::string("\xEF\xBB\xBF{}")));
}

TEST_CASE("ten thousand brackets are refused before they are parsed, brackets in a string are not counted", "[api]") {
    CHECK(is_refused(std::string(10'000, '[')));
    CHECK(is_refused("{\"lines\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}"));
    CHECK_FALSE(is_refused("{\"title\":\"" + std::string(50, '[') + "\\\"{{{\"}"));
}

TEST_CASE("an answer is JSON that no cache keeps", "[api]") {
    v1::Offer offer;
    offer.set_id("o1");
    offer.set_price_fen(5990);
    const auto response = api::answer(offer);
    CHECK(response.status == 200);
    CHECK(body_of(response) == R"({"id":"o1","priceFen":"5990"})");
    CHECK(response.headers.front() == std::pair<std::string, std::string>("Cache-Control", "no-store"));
}

TEST_CASE("each failure has its status, its code and two sentences", "[api]") {
    const std::vector<std::pair<Errc, int>> expected = {
        {Errc::invalid_input, 400},     {Errc::unauthenticated, 401},    {Errc::forbidden, 403},
        {Errc::not_found, 404},         {Errc::conflict, 409},           {Errc::too_large, 413},
        {Errc::too_many_requests, 429}, {Errc::redis_unavailable, 503},  {Errc::redis_unknown, 503},
        {Errc::redis_error, 503},       {Errc::ledger_unavailable, 503}, {Errc::timed_out, 504},
        {Errc::internal, 500}};
    for (const auto& [code, status] : expected) {
        const auto response = api::refuse(code);
        CHECK(response.status == status);
        v1::ErrorBody body;
        net::HttpRequest request;
        request.body = body_of(response);
        REQUIRE_FALSE(api::read_body(request, body));
        CHECK_FALSE(body.code().empty());
        CHECK_FALSE(body.message_zh().empty());
        CHECK_FALSE(body.message_en().empty());
    }
}
