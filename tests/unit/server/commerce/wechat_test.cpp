#include "auth/hmac.hpp"
#include "commerce/wechat_provider.hpp"
#include "support/catch.hpp"
#include "support/run_task.hpp"
#include "unit/server/commerce/pay_keys.hpp"

using namespace livefair;
using namespace livefair::commerce;

namespace {

constexpr std::int64_t now_s = 1'750'000'000;
const std::string api_key(32, 'k');

const test::KeyPair& merchant() {
    static const auto pair = test::make_rsa_keys();
    return pair;
}
const test::KeyPair& platform(int number = 0) {
    static const test::KeyPair pairs[] = {test::make_rsa_keys(), test::make_rsa_keys()};
    return pairs[number];
}

WechatKeys keys() {
    return {"1900000001", "wx00000001",
            "MERCHANT01", merchant().private_key(),
            api_key,      {{"PLATFORM0", platform(0).public_key()}, {"PLATFORM1", platform(1).public_key()}}};
}

std::string transaction(const std::string& amount = R"({"total":9900,"currency":"CNY"})",
                        const std::string& merchant_id = "1900000001", const std::string& state = "SUCCESS") {
    return R"({"mchid":")" + merchant_id +
           R"(","appid":"wx00000001","out_trade_no":"pay_1","transaction_id":"4200000001","attach":"order-1","trade_state":")" +
           state + R"(","amount":)" + amount + "}";
}

std::string event_of(const std::string& text, const std::string& nonce = "123456789012",
                     const std::string& associated = "transaction", const std::string& type = "TRANSACTION.SUCCESS") {
    const auto sealed = seal_aes_256_gcm(api_key, "123456789012", "transaction", text).value();
    return R"({"id":"EV-1","event_type":")" + type + R"(","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":")" +
           auth::base64_encode(sealed) + R"(","associated_data":")" + associated + R"(","nonce":")" + nonce + R"("}})";
}

PayHeaders sign(const std::string& body, std::int64_t at_s = now_s, const std::string& serial = "PLATFORM0",
                const test::KeyPair& pair = platform(0)) {
    const auto text = std::to_string(at_s) + "\nnonce\n" + body + "\n";
    return {{"wechatpay-serial", serial},
            {"wechatpay-signature", pair.private_key().sign(text)},
            {"wechatpay-timestamp", std::to_string(at_s)},
            {"wechatpay-nonce", "nonce"}};
}

/// The refusal; nothing when the webhook is believed.
std::optional<NotifyRefusal> refusal_of(const PayHeaders& headers, const std::string& body) {
    const auto verdict = parse_wechat_notify(keys(), headers, body, now_s, 300);
    if (const auto* refusal = std::get_if<NotifyRefusal>(&verdict)) return *refusal;
    return std::nullopt;
}
std::optional<NotifyRefusal> refusal_of(const std::string& body) {
    return refusal_of(sign(body), body);
}

}  // namespace

TEST_CASE("a WeChat webhook that the platform signed and sealed says what was paid, under either platform key",
          "[pay]") {
    const auto body = event_of(transaction());
    const int number = GENERATE(0, 1);
    const auto headers = sign(body, now_s, "PLATFORM" + std::to_string(number), platform(number));
    const auto verdict = parse_wechat_notify(keys(), headers, body, now_s, 300);
    REQUIRE(std::holds_alternative<Verified>(verdict));
    const auto& verified = std::get<Verified>(verdict);
    CHECK(verified.event_id == "EV-1");
    CHECK(verified.kind == Verified::Kind::paid);
    CHECK(verified.fact.payment.str() == "pay_1");
    CHECK(verified.fact.order.str() == "order-1");
    CHECK(verified.fact.transaction_id == "4200000001");
    CHECK(verified.fact.amount_fen == 9900);
    CHECK(verified.fact.currency == "CNY");
}

TEST_CASE("a WeChat webhook is refused for a wrong, unknown or repeated header, an old time, or a changed byte",
          "[pay]") {
    const auto body = event_of(transaction());
    CHECK(refusal_of(sign(body, now_s, "PLATFORM1", platform(0)), body) == NotifyRefusal::bad_signature);
    CHECK(refusal_of(sign(body, now_s, "UNKNOWN", platform(0)), body) == NotifyRefusal::bad_signature);
    CHECK(refusal_of(sign(body, now_s, "PLATFORM0", merchant()), body) == NotifyRefusal::bad_signature);
    CHECK(refusal_of(sign(body), body + " ") == NotifyRefusal::bad_signature);
    CHECK(refusal_of(sign(body, now_s - 301), body) == NotifyRefusal::stale);
    CHECK(refusal_of(sign(body, now_s + 301), body) == NotifyRefusal::stale);
    CHECK_FALSE(refusal_of(sign(body, now_s - 300), body));
    for (std::size_t i = 0; i < 4; ++i) {
        auto missing = sign(body), twice = sign(body);
        missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
        twice.push_back(twice[i]);
        CHECK(refusal_of(missing, body) == NotifyRefusal::malformed);
        CHECK(refusal_of(twice, body) == NotifyRefusal::malformed);
    }
    auto headers = sign(body);
    headers[1].second = "not base64!";
    CHECK(refusal_of(headers, body) == NotifyRefusal::bad_signature);
    headers[1].second = "";
    CHECK(refusal_of(headers, body) == NotifyRefusal::bad_signature);
    headers = sign(body);
    headers[2].second = "1e9";
    CHECK(refusal_of(headers, body) == NotifyRefusal::malformed);
    headers[2].second = "99999999999999999999";
    CHECK(refusal_of(headers, body) == NotifyRefusal::malformed);
    headers = sign(body);
    headers[3].second = std::string(65, 'n');
    CHECK(refusal_of(headers, body) == NotifyRefusal::malformed);
    CHECK(refusal_of(std::string(64 * 1024 + 1, ' ')) == NotifyRefusal::too_large);
    CHECK(refusal_of(std::string(64 * 1024, ' ')) == NotifyRefusal::malformed);
}

TEST_CASE("a signed WeChat webhook is refused when its seal, its JSON or its money is not right", "[pay]") {
    CHECK(refusal_of(event_of(transaction(), "12345678901")) == NotifyRefusal::malformed);
    CHECK(refusal_of(event_of(transaction(), "1234567890123")) == NotifyRefusal::malformed);
    CHECK(refusal_of(event_of(transaction(), "123456789013")) == NotifyRefusal::malformed);
    CHECK(refusal_of(event_of(transaction(), "123456789012", "other")) == NotifyRefusal::malformed);
    CHECK(refusal_of(event_of(transaction(), "123456789012", "transaction", "COUPON.USE")) == NotifyRefusal::malformed);
    CHECK(refusal_of(event_of(transaction(R"({"total":9900,"currency":"CNY"})", "1900000002"))) ==
          NotifyRefusal::other_merchant);
    for (const auto* amount : {"-1", "0", "9900.0", "\"9900\"", "1e4", "99999999999999999999", "null", "[9900]"})
        CHECK(refusal_of(event_of(transaction(R"({"total":)" + std::string(amount) + R"(,"currency":"CNY"})"))) ==
              NotifyRefusal::malformed);
    CHECK(refusal_of(event_of("not json")) == NotifyRefusal::malformed);
    CHECK(refusal_of(event_of("[]")) == NotifyRefusal::malformed);
    CHECK(refusal_of("{}") == NotifyRefusal::malformed);
    CHECK(refusal_of("\xC0\xAF") == NotifyRefusal::malformed);
    CHECK(refusal_of(std::string(10'000, '[')) == NotifyRefusal::malformed);
    CHECK(refusal_of(R"({"id":"EV-1","event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"NONE"}})") ==
          NotifyRefusal::malformed);
}

TEST_CASE("keys of another algorithm, or too short ones, are refused when they are loaded", "[pay]") {
    const auto ec = test::make_ec_keys(), weak = test::make_rsa_keys(1024);
    CHECK(RsaPublicKey::from_pem(ec.public_pem).error() == Errc::invalid_input);
    CHECK(RsaPrivateKey::from_pem(ec.private_pem).error() == Errc::invalid_input);
    CHECK(RsaPublicKey::from_pem(weak.public_pem).error() == Errc::invalid_input);
    CHECK(RsaPublicKey::from_pem("").error() == Errc::invalid_input);
    CHECK(RsaPublicKey::from_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").error() ==
          Errc::invalid_input);
    CHECK_FALSE(merchant().public_key().has_signed(
        "text", auth::base64_encode(auth::hmac_sha256(merchant().public_pem, "text"))));
}

namespace {

/// Stands for the platform: keeps what it was asked and gives a signed answer.
struct Platform {
    PayRequest asked;
    int status = 200;
    std::string body;
    bool is_signed = true;
    PayTransport transport() {
        return [this](PayRequest request) -> net::Task<Result<PayReply>> {
            asked = std::move(request);
            co_return PayReply{status, is_signed ? sign(body) : PayHeaders(), body};
        };
    }
};

}  // namespace

TEST_CASE(
    "a request to WeChat is signed over method, target, time, nonce and body, and an unsigned answer says nothing",
    "[pay]") {
    net::asio::io_context io;
    const FakeClock clock(now_s * 1000);
    Platform there;
    WechatProvider provider(keys(), clock, {"http://simulator", "http://shop/notify", 300}, there.transport());
    there.body = R"({"code_url":"weixin://wxpay/1"})";
    const PaymentAsk ask{PaymentId("pay_1"), OrderId("order-1"), 9900, "冰糖橙", now_s * 1000 + 600'000};
    CHECK(test::run_task(io, provider.create(ask)).value() == "weixin://wxpay/1");
    CHECK(there.asked.url == "http://simulator/v3/pay/transactions/native");
    CHECK(there.asked.body.find(R"("amount":{"total":9900,"currency":"CNY"})") != std::string::npos);
    CHECK(there.asked.body.find(R"("time_expire":"2025-06-15T23:16:40+08:00")") != std::string::npos);

    const auto& authorization = there.asked.headers.back().second;
    const auto part = [&](const std::string& name) {
        const auto begin = authorization.find(name + "=\"") + name.size() + 2;
        return authorization.substr(begin, authorization.find('"', begin) - begin);
    };
    CHECK(authorization.starts_with("WECHATPAY2-SHA256-RSA2048 mchid=\"1900000001\","));
    CHECK(part("serial_no") == "MERCHANT01");
    CHECK(part("timestamp") == std::to_string(now_s));
    const auto signed_text = "POST\n/v3/pay/transactions/native\n" + part("timestamp") + "\n" + part("nonce_str") +
                             "\n" + there.asked.body + "\n";
    CHECK(merchant().public_key().has_signed(signed_text, part("signature")));

    there.is_signed = false;
    CHECK(test::run_task(io, provider.create(ask)).error() == Errc::internal);
}

namespace {

std::string answer_of(const std::string& code) {
    return R"({"code":")" + code + R"(","message":"详见说明"})";
}

}  // namespace

TEST_CASE("only a code that WeChat documents as final ends a refund, every other answer is asked again", "[pay]") {
    net::asio::io_context io;
    const FakeClock clock(now_s * 1000);
    Platform there;
    WechatProvider provider(keys(), clock, {"http://simulator", "http://shop/notify", 300}, there.transport());
    const auto refused = [&](int status, const std::string& body) -> boost::system::error_code {
        there.status = status;
        there.body = body;
        return test::run_task(io, provider.refund("r1", PaymentId("pay_1"), 900, 9900, "wish")).error();
    };
    CHECK(refused(403, answer_of("USER_ACCOUNT_ABNORMAL")) == Errc::conflict);
    CHECK(refused(404, answer_of("RESOURCE_NOT_EXISTS")) == Errc::not_found);
    CHECK(refused(429, answer_of("FREQUENCY_LIMITED")) == Errc::overloaded);
    CHECK(refused(429, answer_of("FREQUENCY_LIMIT_EXCEED")) == Errc::overloaded);
    const std::pair<int, const char*> passing[] = {
        {400, "PARAM_ERROR"}, {400, "INVALID_REQUEST"}, {400, "NOT_ENOUGH"}, {401, "SIGN_ERROR"}, {403, "NOT_ENOUGH"},
        {403, "NO_AUTH"}, {404, "MCH_NOT_EXISTS"}, {500, "SYSTEM_ERROR"}, {400, "A_CODE_OF_TOMORROW"}};
    for (const auto& [status, code] : passing) {
        CAPTURE(status, code);
        CHECK(refused(status, answer_of(code)) == Errc::internal);
    }
    // A proxy's page, and bodies that are no answer at all.
    for (const auto* body : {"", "<html>Bad Request</html>", "[]", R"({"code":7})", R"({"message":"USER_ACCOUNT_ABNORMAL"})"})
        for (const int status : {400, 403, 404, 502}) {
            CAPTURE(status, body);
            CHECK(refused(status, body) == Errc::internal);
        }
}

TEST_CASE("WeChat's answers about payments and refunds are told apart: done, under way, never, unknown", "[pay]") {
    net::asio::io_context io;
    const FakeClock clock(now_s * 1000);
    Platform there;
    WechatProvider provider(keys(), clock, {"http://simulator", "http://shop/notify", 300}, there.transport());
    const PaymentId payment("pay_1");
    there.body = transaction(R"({"total":9900,"currency":"CNY"})", "1900000001", "NOTPAY");
    CHECK(test::run_task(io, provider.query(payment))->state == PaymentFact::State::open);
    there.body = transaction();
    CHECK(test::run_task(io, provider.query(payment))->amount_fen == 9900);
    CHECK(there.asked.url == "http://simulator/v3/pay/transactions/out-trade-no/pay_1?mchid=1900000001");
    there.status = 404;
    there.body = answer_of("ORDER_NOT_EXIST");
    CHECK(test::run_task(io, provider.query(payment)).error() == Errc::not_found);
    there.status = 400;
    there.body = answer_of("ORDERPAID");
    CHECK(test::run_task(io, provider.close(payment)).error() == Errc::conflict);
    there.status = 200;
    there.body = R"({"status":"PROCESSING"})";
    CHECK(test::run_task(io, provider.refund("r1", payment, 900, 9900, "wish"))->state == RefundFact::State::accepted);
    CHECK(there.asked.body.find(R"("amount":{"refund":900,"total":9900,"currency":"CNY"})") != std::string::npos);
    there.body = R"({"status":"SUCCESS"})";
    CHECK(test::run_task(io, provider.query_refund("r1", payment))->state == RefundFact::State::done);
    there.body = R"({"status":"ABNORMAL"})";
    CHECK(test::run_task(io, provider.query_refund("r1", payment))->state == RefundFact::State::failed);
    CHECK(provider.ack(204).status == 204);
    CHECK(provider.ack(503).body.find("FAIL") != std::string::npos);
}
