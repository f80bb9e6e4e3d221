#include "commerce/wechat_wire.hpp"

#include <boost/json.hpp>

#include "auth/hmac.hpp"
#include "commerce/sandbox_notify.hpp"
#include "net/utf8.hpp"

namespace livefair::commerce {

namespace json = boost::json;

namespace {

constexpr std::string_view schema = "WECHATPAY2-SHA256-RSA2048";
constexpr std::size_t nonce_chars_max = 64, associated_bytes_max = 16;

std::optional<json::object> parse_object(std::string_view text) {
    boost::system::error_code failed;
    json::parse_options options;
    options.max_depth = 8;
    auto value = json::parse(text, failed, {}, options);
    if (failed || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

/// A text of the object; empty when it is not there or no text.
std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::object* object_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

std::optional<std::string> unseal(const WechatKeys& keys, const json::object& resource) {
    const auto associated = text_of(resource, "associated_data");
    if (text_of(resource, "algorithm") != "AEAD_AES_256_GCM" || associated.size() > associated_bytes_max)
        return std::nullopt;
    const auto sealed = auth::base64_decode(text_of(resource, "ciphertext"));
    if (!sealed) return std::nullopt;
    auto text = open_aes_256_gcm(keys.api_key, text_of(resource, "nonce"), associated, *sealed);
    if (!text) return std::nullopt;
    return std::move(*text);
}

PaymentFact::State state_of(const std::string& trade_state) {
    // REFUND: it was paid, and some of it has gone back.
    if (trade_state == "SUCCESS" || trade_state == "REFUND") return PaymentFact::State::paid;
    if (trade_state == "CLOSED" || trade_state == "REVOKED") return PaymentFact::State::closed;
    return PaymentFact::State::open;
}

}  // namespace

std::string wechat_authorization(const WechatKeys& keys, std::string_view method, std::string_view target,
                                 std::int64_t now_s, std::string_view nonce, std::string_view body) {
    const auto timestamp = std::to_string(now_s);
    std::string signed_text;
    for (const auto part : {method, target, std::string_view(timestamp), nonce, body})
        signed_text.append(part).append("\n");
    return std::string(schema) + " mchid=\"" + keys.merchant_id + "\",nonce_str=\"" + std::string(nonce) +
           "\",timestamp=\"" + timestamp + "\",serial_no=\"" + keys.merchant_serial + "\",signature=\"" +
           keys.merchant_key.sign(signed_text) + "\"";
}

std::optional<NotifyRefusal> refuse_wechat_signature(const WechatKeys& keys, const PayHeaders& headers,
                                                     std::string_view body, std::int64_t now_s, std::int64_t window_s) {
    if (body.size() > notify_bytes_max) return NotifyRefusal::too_large;
    const auto serial = single_header(headers, "wechatpay-serial");
    const auto signature = single_header(headers, "wechatpay-signature");
    const auto timestamp = single_header(headers, "wechatpay-timestamp");
    const auto nonce = single_header(headers, "wechatpay-nonce");
    if (!serial || !signature || !timestamp || !nonce || nonce->empty() || nonce->size() > nonce_chars_max)
        return NotifyRefusal::malformed;
    const auto sent_s = whole_number(*timestamp);
    if (!sent_s) return NotifyRefusal::malformed;
    if (*sent_s < now_s - window_s || *sent_s > now_s + window_s) return NotifyRefusal::stale;
    const auto key = keys.platform_keys.find(*serial);
    const auto signed_text = *timestamp + "\n" + *nonce + "\n" + std::string(body) + "\n";
    if (key == keys.platform_keys.end() || !key->second.has_signed(signed_text, *signature))
        return NotifyRefusal::bad_signature;
    return std::nullopt;
}

NotifyVerdict parse_wechat_notify(const WechatKeys& keys, const PayHeaders& headers, const std::string& body,
                                  std::int64_t now_s, std::int64_t window_s) {
    if (const auto refusal = refuse_wechat_signature(keys, headers, body, now_s, window_s)) return *refusal;
    const auto event = net::is_utf8(body) ? parse_object(body) : std::nullopt;
    const auto* resource = event ? object_of(*event, "resource") : nullptr;
    if (resource == nullptr || !is_id_text(text_of(*event, "id"))) return NotifyRefusal::malformed;
    Verified verified;
    verified.event_id = text_of(*event, "id");
    const auto type = text_of(*event, "event_type");
    if (!type.starts_with("TRANSACTION.") && !type.starts_with("REFUND.")) return NotifyRefusal::malformed;
    const auto text = unseal(keys, *resource);
    if (!text) return NotifyRefusal::malformed;
    // Refunds are asked about by their number; what matters here is that the payment is known.
    const bool is_transaction = type.starts_with("TRANSACTION.");
    if (!is_transaction) {
        const auto refund = parse_object(*text);
        if (!refund || !is_id_text(text_of(*refund, "out_trade_no"))) return NotifyRefusal::malformed;
        if (text_of(*refund, "mchid") != keys.merchant_id) return NotifyRefusal::other_merchant;
        verified.fact.payment = PaymentId(text_of(*refund, "out_trade_no"));
        return verified;
    }
    auto fact = parse_wechat_transaction(keys, *text);
    if (!fact) return fact.error() == Errc::forbidden ? NotifyRefusal::other_merchant : NotifyRefusal::malformed;
    verified.kind = fact->state == PaymentFact::State::paid     ? Verified::Kind::paid
                    : fact->state == PaymentFact::State::closed ? Verified::Kind::closed
                                                                : Verified::Kind::other;
    verified.fact = std::move(*fact);
    return verified;
}

Result<PaymentFact> parse_wechat_transaction(const WechatKeys& keys, std::string_view text) {
    const auto transaction = parse_object(text);
    if (!transaction) return make_error_code(Errc::invalid_input);
    if (text_of(*transaction, "mchid") != keys.merchant_id || text_of(*transaction, "appid") != keys.app_id)
        return make_error_code(Errc::forbidden);
    PaymentFact fact;
    fact.state = state_of(text_of(*transaction, "trade_state"));
    fact.payment = PaymentId(text_of(*transaction, "out_trade_no"));
    fact.order = OrderId(text_of(*transaction, "attach"));
    fact.transaction_id = text_of(*transaction, "transaction_id");
    const bool has_ids = is_id_text(fact.payment.str()) && (fact.order.empty() || is_id_text(fact.order.str())) &&
                         (fact.transaction_id.empty() || is_id_text(fact.transaction_id));
    if (!has_ids) return make_error_code(Errc::invalid_input);
    if (fact.state != PaymentFact::State::paid) return fact;
    // Whole fen alone: 9900, never 9900.0 or "9900".
    const auto* amount = object_of(*transaction, "amount");
    const auto* total = amount == nullptr ? nullptr : amount->if_contains("total");
    if (total == nullptr || !total->is_int64() || total->as_int64() <= 0 || fact.transaction_id.empty())
        return make_error_code(Errc::invalid_input);
    fact.amount_fen = total->as_int64();
    fact.currency = text_of(*amount, "currency");
    return fact;
}

}  // namespace livefair::commerce
