#include "commerce/alipay_provider.hpp"
#include "support/catch.hpp"
#include "support/run_task.hpp"
#include "unit/server/commerce/pay_keys.hpp"

using namespace livefair;
using namespace livefair::commerce;

namespace {

const test::KeyPair& app() {
    static const auto pair = test::make_rsa_keys();
    return pair;
}
const test::KeyPair& alipay() {
    static const auto pair = test::make_rsa_keys();
    return pair;
}

AlipayKeys keys() {
    return {"2021000000000001", "2088000000000001", app().private_key(), alipay().public_key()};
}

AlipayFields notify() {
    return {{"notify_id", "20250615n1"}, {"app_id", "2021000000000001"}, {"seller_id", "2088000000000001"},
            {"out_trade_no", "pay_1"},   {"trade_no", "2025061522"},     {"trade_status", "TRADE_SUCCESS"},
            {"total_amount", "99.00"},   {"subject", "冰糖橙 & 茶=好+"}, {"empty", ""}};
}

std::string sign(AlipayFields fields, const test::KeyPair& pair = alipay(), const std::string& type = "RSA2") {
    fields["sign"] = pair.private_key().sign(alipay_signed_text(fields));
    fields["sign_type"] = type;
    return to_form(fields);
}

std::optional<NotifyRefusal> refusal_of(const std::string& body) {
    const auto verdict = parse_alipay_notify(keys(), body);
    if (const auto* refusal = std::get_if<NotifyRefusal>(&verdict)) return *refusal;
    return std::nullopt;
}

std::optional<NotifyRefusal> refusal_with(const std::string& name, const std::string& value) {
    auto fields = notify();
    fields[name] = value;
    return refusal_of(sign(fields));
}

}  // namespace

TEST_CASE("yuan become fen exactly, and what is no plain amount is none", "[pay]") {
    CHECK(fen_of_yuan("99.00") == 9900);
    CHECK(fen_of_yuan("0.1") == 10);
    CHECK(fen_of_yuan("0.29") == 29);
    CHECK(fen_of_yuan("1.15") == 115);
    CHECK(fen_of_yuan("7") == 700);
    CHECK(fen_of_yuan("92233720368547758.07") == INT64_MAX);
    for (const auto* text : {"", ".", "1.", ".5", "-1.00", "+1", "0.1+0.2", "1e2", "1.005", "1,00", " 1", "1 ", "0x10",
                             "1.0.0", "92233720368547758.08", "99999999999999999999", "１.00"}) {
        INFO(text);
        CHECK_FALSE(fen_of_yuan(text));
    }
    for (const std::int64_t fen : std::initializer_list<std::int64_t>{1, 10, 99, 100, 9901, 10'000'000'000}) CHECK(fen_of_yuan(yuan_of_fen(fen)) == fen);
}

TEST_CASE("an Alipay webhook that Alipay signed says what was paid", "[pay]") {
    const auto verdict = parse_alipay_notify(keys(), sign(notify()));
    REQUIRE(std::holds_alternative<Verified>(verdict));
    const auto& verified = std::get<Verified>(verdict);
    CHECK(verified.event_id == "20250615n1");
    CHECK(verified.kind == Verified::Kind::paid);
    CHECK(verified.fact.payment.str() == "pay_1");
    CHECK(verified.fact.transaction_id == "2025061522");
    CHECK(verified.fact.amount_fen == 9900);
    CHECK(verified.fact.currency == "CNY");
    auto closed = notify();
    closed["trade_status"] = "TRADE_CLOSED";
    CHECK(std::get<Verified>(parse_alipay_notify(keys(), sign(closed))).kind == Verified::Kind::closed);
}

TEST_CASE("an Alipay webhook is refused for another key or algorithm, a changed, doubled or broken field", "[pay]") {
    const auto body = sign(notify());
    CHECK(refusal_of(sign(notify(), app())) == NotifyRefusal::bad_signature);
    CHECK(refusal_of(sign(notify(), alipay(), "RSA")) == NotifyRefusal::bad_signature);
    CHECK(refusal_of(sign(notify(), alipay(), "")) == NotifyRefusal::bad_signature);
    auto changed = body;
    changed.replace(changed.find("99.00"), 5, "98.00");
    CHECK(refusal_of(changed) == NotifyRefusal::bad_signature);
    CHECK(refusal_of(body + "&extra=1") == NotifyRefusal::bad_signature);
    CHECK(refusal_of(body + "&total_amount=1.00") == NotifyRefusal::malformed);
    CHECK(refusal_of(body + "&x=%zz") == NotifyRefusal::malformed);
    CHECK(refusal_of(body + "&x=%e") == NotifyRefusal::malformed);
    CHECK(refusal_of(body + "&x=%C0%AF") == NotifyRefusal::malformed);
    CHECK(refusal_of(body + "&novalue") == NotifyRefusal::malformed);
    CHECK(refusal_of("") == NotifyRefusal::malformed);
    CHECK(refusal_of("a=1") == NotifyRefusal::malformed);
    CHECK(refusal_of("sign=notbase64!&sign_type=RSA2&a=1") == NotifyRefusal::bad_signature);
    CHECK(refusal_of(std::string(64 * 1024 + 1, 'a')) == NotifyRefusal::too_large);
    std::string many;
    for (int i = 0; i < 101; ++i) many += "f" + std::to_string(i) + "=1&";
    CHECK(refusal_of(many) == NotifyRefusal::malformed);
}

TEST_CASE("a signed Alipay webhook of another app, seller or with no plain amount is refused", "[pay]") {
    CHECK(refusal_with("app_id", "2021000000000002") == NotifyRefusal::other_merchant);
    CHECK(refusal_with("seller_id", "2088000000000002") == NotifyRefusal::other_merchant);
    for (const auto* amount : {"0.1+0.2", "-99.00", "99.001", "1e2", "99999999999999999999.00"})
        CHECK(refusal_with("total_amount", amount) == NotifyRefusal::malformed);
    CHECK(refusal_with("out_trade_no", "a b") == NotifyRefusal::malformed);
    CHECK(refusal_with("notify_id", std::string(65, 'n')) == NotifyRefusal::malformed);
    const auto foreign = [] {
        auto fields = notify();
        fields["trans_currency"] = "USD";
        return parse_alipay_notify(keys(), sign(fields));
    }();
    CHECK(std::get<Verified>(foreign).fact.currency == "USD");  // refused where it is compared with the order
}

namespace {

struct Gateway {
    AlipayFields asked;
    std::string method, object;
    bool is_signed = true;
    PayTransport transport() {
        return [this](PayRequest request) -> net::Task<Result<PayReply>> {
            asked = parse_form(request.body).value();
            auto name = method + "_response";
            for (auto& c : name)
                if (c == '.') c = '_';
            const auto signature = is_signed ? alipay().private_key().sign(object) : "AAAA";
            co_return PayReply{200, {}, "{\"" + name + "\":" + object + ",\"sign\":\"" + signature + "\"}"};
        };
    }
};

}  // namespace

TEST_CASE("a request to Alipay is signed over its sorted fields, and an answer counts only with Alipay's signature",
          "[pay]") {
    net::asio::io_context io;
    const FakeClock clock(1'750'000'000'000);
    Gateway there;
    AlipayProvider provider(keys(), clock, {"http://simulator/gateway.do", "http://shop/notify"}, there.transport());
    const PaymentAsk ask{PaymentId("pay_1"), OrderId("order-1"), 9900, "冰糖橙 & 茶", 1'750'000'600'000};
    const auto url = test::run_task(io, provider.create(ask)).value();
    REQUIRE(url.starts_with("http://simulator/gateway.do?"));
    auto fields = parse_form(url.substr(url.find('?') + 1)).value();
    CHECK(fields["timestamp"] == "2025-06-15 23:06:40");
    CHECK(fields["biz_content"].find(R"("total_amount":"99.00")") != std::string::npos);
    CHECK(fields["biz_content"].find(R"("timeout_express":"10m")") != std::string::npos);
    const auto signature = fields["sign"];
    fields.erase("sign");
    std::string text;
    for (const auto& [name, value] : fields) text += (text.empty() ? "" : "&") + name + "=" + value;
    CHECK(app().public_key().has_signed(text, signature));

    const PaymentId payment("pay_1");
    there.method = "alipay.trade.query";
    there.object =
        R"({"code":"10000","out_trade_no":"pay_1","trade_no":"77","trade_status":"TRADE_SUCCESS","total_amount":"99.00","note":"}\"sign\":"})";
    const auto fact = test::run_task(io, provider.query(payment));
    REQUIRE(fact.has_value());
    CHECK(fact->state == PaymentFact::State::paid);
    CHECK(fact->amount_fen == 9900);
    there.object = R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})";
    CHECK(test::run_task(io, provider.query(payment)).error() == Errc::not_found);
    there.is_signed = false;
    CHECK(test::run_task(io, provider.query(payment)).error() == Errc::internal);
    there.is_signed = true;

    there.method = "alipay.trade.refund";
    there.object = R"({"code":"10000","fund_change":"Y"})";
    CHECK(test::run_task(io, provider.refund("r1", payment, 901, 9900, "wish"))->state == RefundFact::State::done);
    CHECK(there.asked["biz_content"].find(R"("refund_amount":"9.01")") != std::string::npos);
    there.object = R"({"code":"40004","sub_code":"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"})";
    CHECK(test::run_task(io, provider.refund("r1", payment, 901, 9900, "wish")).error() == Errc::conflict);
    there.object = R"({"code":"20000","sub_code":"isp.unknow-error"})";
    CHECK(test::run_task(io, provider.refund("r1", payment, 901, 9900, "wish")).error() == Errc::internal);
    CHECK(provider.ack(204).body == "success");
    CHECK(provider.ack(400).body == "failure");
}
