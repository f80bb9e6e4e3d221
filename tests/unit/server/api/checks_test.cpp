#include "api/checks.hpp"

#include <livefair/v1/account.pb.h>
#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "api/catalog_checks.hpp"
#include "api/html.hpp"

using namespace livefair;

namespace {

v1::Offer good_offer() {
    v1::Offer offer;
    offer.set_title("新晃黄牛肉 500g");
    offer.set_kind(v1::OFFER_KIND_NORMAL);
    offer.set_price_fen(5990);
    offer.set_limit_per_buyer(5);
    offer.set_hold_ms(900'000);
    auto* line = offer.add_lines();
    line->set_stock_id("beef");
    line->set_quantity(1);
    return offer;
}

/// Which field an offer is refused for after `change`; empty when it is not.
template <class F>
std::string refused_field(F change) {
    auto offer = good_offer();
    change(offer);
    const auto problem = api::check(offer);
    if (!problem) return {};
    CHECK(problem->code == Errc::invalid_input);
    return problem->message_en.substr(1, problem->message_en.find('"', 1) - 1);
}

}  // namespace

TEST_CASE("texts that forge, hide or break are not shown", "[api]") {
    CHECK(api::is_shown_text("株洲市妇联主席 Li 👩‍🌾", 30));
    for (const auto& bad : std::vector<std::string>{
             std::string("a\nb"), std::string("a\0b", 3), std::string("\x7f"), std::string("\xc2\x85"),
             std::string("a\u202Eb"), std::string("a\u2066b"), std::string("\u200B"), std::string("\uFEFF"),
             std::string("\u2028"), std::string("\xC0\xAF"), std::string("\xED\xA0\x80"),
             std::string("\xF4\x90\x80\x80")})
        CHECK_FALSE(api::is_shown_text(bad, 30));
    CHECK(api::is_shown_text("字字字", 3));
    CHECK_FALSE(api::is_shown_text("字字字字", 3));
}

TEST_CASE("a nickname has 1 to 24 characters and is not blank", "[api]") {
    CHECK(api::is_nickname("小明"));
    for (const auto& bad : std::vector<std::string>{std::string(), std::string("   "), std::string(25, 'a')})
        CHECK_FALSE(api::is_nickname(bad));
}

TEST_CASE("a nickname that looks like staff's is found however it is written", "[api]") {
    for (const auto* name : {"主持人", "主持人小美", "官方", "★官方★客服", "官 方 旗 舰", "客\u200b服", "官⽅", "系统通知", "系統消息", "管-理-员", "管理員", "Admin", "ΑDMIN", "аdmin", "ａｄｍｉｎ", "𝐀𝐝𝐦𝐢𝐧",
                             "o.f.f.i.c.i.a.l", "0fficial"}) {
        INFO(name);
        CHECK(api::claims_to_be_staff(name));
    }
    for (const auto* name : {"", "小王", "用户1234", "爱吃橙子", "主播的粉丝", "方官", "Anna", "system32?", "👍"}) {
        INFO(name);
        CHECK_FALSE(api::claims_to_be_staff(name));
    }
}

TEST_CASE("phones and region codes are digits of the right length", "[api]") {
    CHECK(api::is_phone("13800001234"));
    for (const auto* bad : {"", "1380000123", "138000012345", "23800001234", "1380000123a", "+8613800001"})
        CHECK_FALSE(api::is_phone(bad));
    CHECK(api::is_region_code("431227"));
    for (const auto* bad : {"", "43122", "4312271", "43122x"}) CHECK_FALSE(api::is_region_code(bad));
}

TEST_CASE("an offer is refused for the first field that breaks a rule, by name", "[api]") {
    CHECK(refused_field([](auto&) {}).empty());
    CHECK(refused_field([](auto& o) { o.set_id("a b"); }) == "id");
    CHECK(refused_field([](auto& o) { o.set_title(""); }) == "title");
    CHECK(refused_field([](auto& o) { o.set_price_fen(0); }) == "priceFen");
    CHECK(refused_field([](auto& o) { o.set_price_fen(-1); }) == "priceFen");
    CHECK(refused_field([](auto& o) { o.set_price_fen(10'000'000'001); }) == "priceFen");
    CHECK(refused_field([](auto& o) { o.set_list_price_fen(-5); }) == "listPriceFen");
    CHECK(refused_field([](auto& o) { o.set_list_price_fen(5989); }) == "listPriceFen");
    CHECK(refused_field([](auto& o) { o.set_list_price_fen(9990); }) == "listPriceBasis");
    CHECK(refused_field([](auto& o) { o.set_limit_per_buyer(100); }) == "limitPerBuyer");
    CHECK(refused_field([](auto& o) { o.set_hold_ms(999); }) == "holdMs");
    CHECK(refused_field([](auto& o) { o.set_kind(v1::OFFER_KIND_UNSPECIFIED); }) == "kind");
    CHECK(refused_field([](auto& o) { o.set_kind(static_cast<v1::OfferKind>(77)); }) == "kind");
    CHECK(refused_field([](auto& o) { o.clear_lines(); }) == "lines");
    CHECK(refused_field([](auto& o) { o.set_kind(v1::OFFER_KIND_BUNDLE); }) == "lines");
    CHECK(refused_field([](auto& o) { o.mutable_lines(0)->set_quantity(0); }) == "lines.quantity");
    CHECK(refused_field([](auto& o) { o.mutable_lines(0)->set_quantity(INT64_MAX); }) == "lines.quantity");
    CHECK(refused_field([](auto& o) { o.mutable_lines(0)->set_share_fen(-1); }) == "lines.shareFen");
    CHECK(refused_field([](auto& o) { o.mutable_lines(0)->set_stock_id("{s1}"); }) == "lines.stockId");
}

TEST_CASE("a product's picture is a path on this site", "[api]") {
    v1::Product product;
    product.set_title("茶");
    product.set_unit("盒");
    product.set_net_weight_g(100);
    product.set_origin_code("610924");
    product.set_origin_name("紫阳");
    CHECK_FALSE(api::check(product));
    product.set_picture_url("/pictures/tea.jpg");
    CHECK_FALSE(api::check(product));
    for (const auto* bad :
         {"https://evil.tld/a.png", "//evil.tld/a.png", "javascript:alert(1)", "/a/../b", "/a\"onerror=", "tea.jpg"}) {
        product.set_picture_url(bad);
        CHECK(api::check(product));
    }
}

TEST_CASE("an order id has at least 16 characters, so that nobody can guess it", "[api]") {
    v1::PlaceOrder order;
    order.set_show_id("show");
    order.set_offer_id("offer");
    order.set_order_id(std::string(16, 'a'));
    CHECK_FALSE(api::check(order));
    for (const auto& bad : std::vector<std::string>{std::string(), std::string(15, 'a'), std::string(65, 'a'),
                                                    std::string("aaaaaaaaaaaaaaaa}")}) {
        order.set_order_id(bad);
        CHECK(api::check(order));
    }
}

TEST_CASE("markup in a title is text on the payment page", "[api]") {
    CHECK(api::escape_html("<img src=x onerror='a(\"&\")'>") ==
          "&lt;img src=x onerror=&#39;a(&quot;&amp;&quot;)&#39;&gt;");
}
