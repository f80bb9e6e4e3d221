#include "commerce/wechat_provider.hpp"

#include <boost/json.hpp>
#include <ctime>

#include "base/random.hpp"

namespace livefair::commerce {

namespace json = boost::json;

namespace {

/// RFC 3339 in +8, as APIv3 writes times.
std::string time_text(std::int64_t unix_ms) {
    const std::time_t east_8 = unix_ms / 1000 + 8 * 3600;
    std::tm parts{};
    gmtime_r(&east_8, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+08:00", &parts);
    return text;
}

std::optional<std::string> field_of(const std::string& body, std::string_view name) {
    boost::system::error_code failed;
    const auto value = json::parse(body, failed);
    if (failed || !value.is_object()) return std::nullopt;
    const auto* field = value.as_object().if_contains(name);
    if (field == nullptr || !field->is_string()) return std::nullopt;
    return std::string(field->as_string());
}

/// By the code in the body, for one status has final answers and passing ones: 403 is a buyer's account that is closed
/// (USER_ACCOUNT_ABNORMAL) and a merchant's that is empty just now (NOT_ENOUGH). What is not known to be final is asked
/// again: a refund that ends too early costs its buyer the money, and asked again under its number it moves none twice.
Errc error_of(const PayReply& reply) {
    const auto code = field_of(reply.body, "code").value_or("");
    if (code == "RESOURCE_NOT_EXISTS" || code == "ORDER_NOT_EXIST" || code == "ORDERNOTEXIST") return Errc::not_found;
    if (code == "USER_ACCOUNT_ABNORMAL" || code == "ORDERPAID") return Errc::conflict;
    return reply.status == 429 ? Errc::overloaded : Errc::internal;
}

Result<RefundFact> refund_of(const std::string& body) {
    const auto status = field_of(body, "status");
    if (!status) return make_error_code(Errc::internal);
    if (*status == "SUCCESS") return RefundFact{RefundFact::State::done, {}};
    if (*status == "PROCESSING") return RefundFact{RefundFact::State::accepted, {}};
    return RefundFact{RefundFact::State::failed, *status};  // CLOSED, ABNORMAL
}

}  // namespace

WechatProvider::WechatProvider(WechatKeys keys, const Clock& clock, Options options, PayTransport transport)
    : keys_(std::move(keys)), clock_(clock), options_(std::move(options)), transport_(std::move(transport)) {}

net::Task<Result<std::string>> WechatProvider::call(std::string method, std::string target, std::string body) {
    PayRequest request{method, options_.gateway_url + target, {}, body};
    request.headers.emplace_back("accept", "application/json");
    request.headers.emplace_back("content-type", "application/json");
    request.headers.emplace_back(
        "authorization", wechat_authorization(keys_, method, target, clock_.unix_ms() / 1000, random_hex(16), body));
    const auto reply = co_await transport_(std::move(request));
    if (!reply) co_return reply.error();
    if (reply->status / 100 != 2) co_return make_error_code(error_of(*reply));
    // An answer that the platform has not signed says nothing.
    const auto refusal =
        refuse_wechat_signature(keys_, reply->headers, reply->body, clock_.unix_ms() / 1000, options_.window_s);
    if (refusal) co_return make_error_code(Errc::internal);
    co_return reply->body;
}

net::Task<Result<std::string>> WechatProvider::create(PaymentAsk ask) {
    const json::object body{{"appid", keys_.app_id},
                            {"mchid", keys_.merchant_id},
                            {"description", ask.subject},
                            {"out_trade_no", ask.payment.str()},
                            {"time_expire", time_text(ask.expire_ms)},
                            {"attach", ask.order.str()},
                            {"notify_url", options_.notify_url},
                            {"amount", {{"total", ask.amount_fen}, {"currency", "CNY"}}}};
    const auto answered = co_await call("POST", "/v3/pay/transactions/native", json::serialize(body));
    if (!answered) co_return answered.error();
    auto url = field_of(*answered, "code_url");
    if (!url) co_return make_error_code(Errc::internal);
    co_return std::move(*url);
}

net::Task<Result<PaymentFact>> WechatProvider::query(PaymentId payment) {
    const auto answered =
        co_await call("GET", "/v3/pay/transactions/out-trade-no/" + payment.str() + "?mchid=" + keys_.merchant_id, "");
    if (!answered) co_return answered.error();
    co_return parse_wechat_transaction(keys_, *answered);
}

net::Task<Result<>> WechatProvider::close(PaymentId payment) {
    const json::object body{{"mchid", keys_.merchant_id}};
    const auto answered =
        co_await call("POST", "/v3/pay/transactions/out-trade-no/" + payment.str() + "/close", json::serialize(body));
    if (!answered) co_return answered.error();
    co_return Result<>();
}

net::Task<Result<RefundFact>> WechatProvider::refund(std::string id, PaymentId payment, std::int64_t amount_fen,
                                                     std::int64_t total_fen, std::string reason) {
    const json::object body{{"out_trade_no", payment.str()},
                            {"out_refund_no", id},
                            {"reason", reason},
                            {"amount", {{"refund", amount_fen}, {"total", total_fen}, {"currency", "CNY"}}}};
    const auto answered = co_await call("POST", "/v3/refund/domestic/refunds", json::serialize(body));
    if (!answered) co_return answered.error();
    co_return refund_of(*answered);
}

net::Task<Result<RefundFact>> WechatProvider::query_refund(std::string id, PaymentId) {
    const auto answered = co_await call("GET", "/v3/refund/domestic/refunds/" + id, "");
    if (!answered) co_return answered.error();
    co_return refund_of(*answered);
}

NotifyVerdict WechatProvider::parse_notify(const PayHeaders& headers, const std::string& body,
                                           std::int64_t now_s) const {
    return parse_wechat_notify(keys_, headers, body, now_s, options_.window_s);
}

ProviderAnswer WechatProvider::ack(int status) const {
    if (status == notify_status::taken) return {notify_status::taken, "application/json", {}};
    return {status, "application/json", R"({"code":"FAIL","message":"not taken"})"};
}

net::Task<Result<std::vector<PaymentFact>>> WechatProvider::statement(std::int64_t, PaymentId) {
    co_return make_error_code(Errc::unsupported);
}

}  // namespace livefair::commerce
