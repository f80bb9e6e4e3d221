#include <catch2/catch.hpp>

#include "integration/api/site.hpp"

using namespace livefair;
using test::Site;

namespace {

constexpr const char* phone = "13800001234";

std::string sign_in_body(const std::string& code) {
    return R"({"phone":")" + std::string(phone) + R"(","code":")" + code + R"("})";
}

std::string request_code(Site& site) {
    v1::RequestCodeResponse sent;
    site.must("POST", "/api/v1/auth/code", R"({"phone":"13800001234"})").read(sent);
    return sent.sandbox_code();
}

/// A six-digit code that is not `code`.
std::string other_than(const std::string& code) {
    return code == "000000" ? "000001" : "000000";
}

}  // namespace

TEST_CASE("a buyer signs in with the code, is known by token and by cookie, and signs out", "[api]") {
    Site site;
    const auto code = request_code(site);
    CHECK(code.size() == 6);
    const auto answer = site.must("POST", "/api/v1/auth/sign-in", sign_in_body(code));
    v1::SignInResponse signed_in;
    answer.read(signed_in);
    const auto cookie = answer.header("set-cookie");
    CHECK(cookie.find("livefair_session=" + signed_in.token()) == 0);
    CHECK(cookie.find("HttpOnly") != std::string::npos);
    CHECK(cookie.find("SameSite=Lax") != std::string::npos);
    CHECK(answer.header("cache-control") == "no-store");

    v1::Account me;
    site.must("GET", "/api/v1/me", "", signed_in.token()).read(me);
    CHECK(me.phone_masked() == "138****1234");
    const net::HttpHeaders by_cookie = {{"Cookie", "livefair_session=" + signed_in.token()}};
    CHECK(site.call("GET", "/api/v1/me", "", "", by_cookie).status == 200);
    CHECK(site.call("GET", "/api/v1/me").code() == "unauthenticated");

    site.must("POST", "/api/v1/auth/sign-out", "{}", signed_in.token());
    CHECK(site.call("GET", "/api/v1/me", "", signed_in.token()).status == 401);
    CHECK(site.call("GET", "/api/v1/me", "", "", by_cookie).status == 401);
}

TEST_CASE("a code works once", "[api]") {
    Site site;
    const auto code = request_code(site);
    site.must("POST", "/api/v1/auth/sign-in", sign_in_body(code));
    CHECK(site.call("POST", "/api/v1/auth/sign-in", sign_in_body(code)).status == 401);
}

TEST_CASE("after five wrong codes the right one is refused too", "[api]") {
    Site site;
    const auto code = request_code(site);
    for (int i = 0; i < 5; ++i)
        CHECK(site.call("POST", "/api/v1/auth/sign-in", sign_in_body(other_than(code))).code() == "unauthenticated");
    CHECK(site.call("POST", "/api/v1/auth/sign-in", sign_in_body(code)).code() == "unauthenticated");
}

TEST_CASE("an address that fails too often may not try for a while", "[api]") {
    Site site([](Config& config) { config.auth.sign_in_failures_per_minute = 3; });
    const std::string wrong = R"({"name":"operator","password":"wrong password"})";
    for (int i = 0; i < 3; ++i) CHECK(site.call("POST", "/api/v1/auth/staff", wrong).status == 401);
    CHECK(site.call("POST", "/api/v1/auth/staff", wrong).code() == "too_many_requests");
    CHECK(site.call("POST", "/api/v1/auth/sign-in", sign_in_body("123456")).status == 429);
}

TEST_CASE("a phone gets five codes at once and no more", "[api]") {
    Site site;
    for (int i = 0; i < 5; ++i) request_code(site);
    CHECK(site.call("POST", "/api/v1/auth/code", R"({"phone":"13800001234"})").status == 429);
    CHECK(site.call("POST", "/api/v1/auth/code", R"({"phone":"13800005678"})").status == 200);
}

TEST_CASE("a wrong password and an unknown name get the same answer", "[api]") {
    Site site;
    const auto wrong = site.call("POST", "/api/v1/auth/staff", R"({"name":"operator","password":"wrong password"})");
    const auto unknown = site.call("POST", "/api/v1/auth/staff", R"({"name":"nobody","password":"wrong password"})");
    CHECK(wrong.status == 401);
    CHECK(wrong.body == unknown.body);
}

TEST_CASE("a cookie alone changes nothing for another site's page", "[api]") {
    Site site;
    const auto token = site.buyer(phone);
    const std::pair<std::string, std::string> cookie = {"Cookie", "livefair_session=" + token},
                                              header = {"X-Livefair", "1"};
    const auto post = [&](net::HttpHeaders headers, const std::string& bearer = {}) {
        return site.call("POST", "/api/v1/addresses", "{}", bearer, std::move(headers)).status;
    };
    CHECK(post({cookie}) == 403);
    CHECK(post({cookie, {"Content-Type", "text/plain"}}) == 403);
    CHECK(post({cookie, {"X-Livefair", "0"}}) == 403);
    CHECK(post({cookie, header, {"Origin", "https://evil.tld"}}) == 403);
    CHECK(post({cookie, header, {"Origin", "null"}}) == 403);
    CHECK(post({cookie, header, {"Origin", "http://shop.test.evil.tld"}}) == 403);
    // Let through, an empty address is bad input.
    CHECK(post({cookie, header}) == 400);
    CHECK(post({cookie, header, {"Origin", "http://shop.test"}}) == 400);
    CHECK(post({{"Origin", "https://evil.tld"}}, token) == 400);
    CHECK(site.call("POST", "/api/v1/auth/code", R"({"phone":"13800005678"})", "", {{"Origin", "https://evil.tld"}})
              .status == 403);
}

TEST_CASE("a session that is ended from another one stops at once", "[api]") {
    Site site;
    const auto lost = site.buyer(phone), mine = site.buyer(phone), theirs = site.buyer("13800005678");
    site.must("GET", "/api/v1/me", "", lost);
    v1::ListSessionsResponse list;
    site.must("GET", "/api/v1/sessions", "", mine).read(list);
    REQUIRE(list.sessions_size() == 2);
    for (const auto& session : list.sessions()) {
        if (session.current()) continue;
        CHECK(site.call("DELETE", "/api/v1/sessions/" + session.id(), "", theirs).status == 404);
        CHECK(site.call("DELETE", "/api/v1/sessions/" + session.id(), "", mine).status == 200);
    }
    CHECK(site.call("GET", "/api/v1/me", "", lost).status == 401);
    CHECK(site.call("GET", "/api/v1/me", "", mine).status == 200);
}

TEST_CASE("only an operator makes staff, and a new grant holds from the next request on", "[api]") {
    Site site;
    site.make_sale("show-a", 1);
    const auto buyer = site.buyer(phone);
    v1::Account me;
    site.must("GET", "/api/v1/me", "", buyer).read(me);
    const std::string staff = R"({"name":"anna","password":"a long password","nickname":"Anna"})";
    CHECK(site.call("POST", "/api/v1/staff", staff).status == 401);
    CHECK(site.call("POST", "/api/v1/staff", staff, buyer).status == 403);
    CHECK(site.call("POST", "/api/v1/staff", staff, site.site_operator()).status == 200);
    CHECK(site.call("POST", "/api/v1/staff", staff, site.site_operator()).code() == "conflict");
    CHECK(site.call("POST", "/api/v1/staff", R"({"name":"bob","password":"short","nickname":"Bob"})",
                    site.site_operator())
              .status == 400);

    CHECK(site.call("GET", "/api/v1/shows/show-a/totals", "", buyer).status == 403);
    const auto grant = R"({"accountId":")" + me.id() + R"(","grant":{"role":"ROLE_HOST","roomId":"show-a-room"}})";
    CHECK(site.call("POST", "/api/v1/grants", grant, buyer).status == 403);
    site.must("POST", "/api/v1/grants", grant, site.site_operator());
    CHECK(site.call("GET", "/api/v1/shows/show-a/totals", "", buyer).status == 200);
    const auto bad = R"({"accountId":")" + me.id() + R"(","grant":{"role":"ROLE_HOST","roomId":"*"}})";
    CHECK(site.call("POST", "/api/v1/grants", bad, site.site_operator()).status == 400);
}
