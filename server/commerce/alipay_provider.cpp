#include "commerce/alipay_provider.hpp"

#include <boost/json.hpp>

namespace livefair::commerce {

namespace json = boost::json;

namespace {

Errc error_of(const std::string& code, const std::string& sub_code) {
    if (sub_code.ends_with("TRADE_NOT_EXIST")) return Errc::not_found;
    // 40004: business failed; of those only the ones that time does not heal.
    const bool is_final =
        code == "40004" && sub_code != "ACQ.SYSTEM_ERROR" && sub_code != "ACQ.SELLER_BALANCE_NOT_ENOUGH";
    return is_final ? Errc::conflict : Errc::internal;
}

Result<std::map<std::string, std::string>> texts_of(const std::string& object) {
    boost::system::error_code failed;
    const auto value = json::parse(object, failed);
    if (failed || !value.is_object()) return make_error_code(Errc::internal);
    std::map<std::string, std::string> texts;
    for (const auto& [name, field] : value.as_object())
        if (field.is_string()) texts[std::string(name)] = std::string(field.as_string());
    return texts;
}

std::int64_t minutes_until(std::int64_t expire_ms, std::int64_t now_ms) {
    return std::max<std::int64_t>(1, (expire_ms - now_ms + 59'999) / 60'000);
}

}  // namespace

AlipayProvider::AlipayProvider(AlipayKeys keys, const Clock& clock, Options options, PayTransport transport)
    : keys_(std::move(keys)), clock_(clock), options_(std::move(options)), transport_(std::move(transport)) {}

net::Task<Result<AlipayProvider::Answer>> AlipayProvider::call(std::string method, std::string content) {
    PayRequest request{"POST", options_.gateway_url, {}, {}};
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded;charset=utf-8");
    request.body = sign_alipay_request(keys_, {}, method, content, clock_.unix_ms());
    const auto reply = co_await transport_(std::move(request));
    if (!reply) co_return reply.error();
    if (reply->status != 200) co_return make_error_code(Errc::internal);
    const auto object = open_alipay_answer(keys_, reply->body, method);
    if (!object) co_return object.error();
    auto texts = texts_of(*object);
    if (texts && (*texts)["code"] != "10000")
        co_return make_error_code(error_of((*texts)["code"], (*texts)["sub_code"]));
    co_return texts;
}

net::Task<Result<std::string>> AlipayProvider::create(PaymentAsk ask) {
    const auto now_ms = clock_.unix_ms();
    const json::object content{{"out_trade_no", ask.payment.str()},
                               {"product_code", "FAST_INSTANT_TRADE_PAY"},
                               {"total_amount", yuan_of_fen(ask.amount_fen)},
                               {"subject", ask.subject},
                               {"timeout_express", std::to_string(minutes_until(ask.expire_ms, now_ms)) + "m"}};
    const AlipayFields fields{{"notify_url", options_.notify_url}};
    co_return options_.gateway_url + "?" +
        sign_alipay_request(keys_, fields, "alipay.trade.page.pay", json::serialize(content), now_ms);
}

net::Task<Result<PaymentFact>> AlipayProvider::query(PaymentId payment) {
    const json::object content{{"out_trade_no", payment.str()}};
    auto answered = co_await call("alipay.trade.query", json::serialize(content));
    if (!answered) co_return answered.error();
    PaymentFact fact;
    const auto status = (*answered)["trade_status"];
    fact.state = status == "TRADE_SUCCESS" || status == "TRADE_FINISHED" ? PaymentFact::State::paid
                 : status == "TRADE_CLOSED"                              ? PaymentFact::State::closed
                                                                         : PaymentFact::State::open;
    fact.payment = PaymentId((*answered)["out_trade_no"]);
    fact.transaction_id = (*answered)["trade_no"];
    const auto amount = fen_of_yuan((*answered)["total_amount"]);
    if (fact.payment != payment || !amount) co_return make_error_code(Errc::internal);
    fact.amount_fen = *amount;
    fact.currency = "CNY";
    co_return fact;
}

net::Task<Result<>> AlipayProvider::close(PaymentId payment) {
    const json::object content{{"out_trade_no", payment.str()}};
    const auto answered = co_await call("alipay.trade.close", json::serialize(content));
    if (!answered) co_return answered.error();
    co_return Result<>();
}

net::Task<Result<RefundFact>> AlipayProvider::refund(std::string id, PaymentId payment, std::int64_t amount_fen,
                                                     std::int64_t, std::string reason) {
    const json::object content{{"out_trade_no", payment.str()},
                               {"refund_amount", yuan_of_fen(amount_fen)},
                               {"out_request_no", id},
                               {"refund_reason", reason}};
    auto answered = co_await call("alipay.trade.refund", json::serialize(content));
    if (!answered) co_return answered.error();
    // fund_change N: taken, but no money has moved by this call; the question about it tells.
    const auto state = (*answered)["fund_change"] == "Y" ? RefundFact::State::done : RefundFact::State::accepted;
    co_return RefundFact{state, {}};
}

net::Task<Result<RefundFact>> AlipayProvider::query_refund(std::string id, PaymentId payment) {
    const json::object content{{"out_trade_no", payment.str()}, {"out_request_no", id}};
    auto answered = co_await call("alipay.trade.fastpay.refund.query", json::serialize(content));
    if (!answered) co_return answered.error();
    const bool is_done = (*answered)["refund_status"] == "REFUND_SUCCESS";
    co_return RefundFact{is_done ? RefundFact::State::done : RefundFact::State::accepted, {}};
}

NotifyVerdict AlipayProvider::parse_notify(const PayHeaders&, const std::string& body, std::int64_t) const {
    return parse_alipay_notify(keys_, body);
}

ProviderAnswer AlipayProvider::ack(int status) const {
    // Anything but these seven letters means: send it again.
    if (status == notify_status::taken) return {200, "text/plain", "success"};
    return {status, "text/plain", "failure"};
}

net::Task<Result<std::vector<PaymentFact>>> AlipayProvider::statement(std::int64_t, PaymentId) {
    co_return make_error_code(Errc::unsupported);
}

}  // namespace livefair::commerce
