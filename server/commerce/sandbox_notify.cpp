#include "commerce/sandbox_notify.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/payment.pb.h>

#include <algorithm>
#include <charconv>

#include "auth/hmac.hpp"
#include "base/check.hpp"

namespace livefair::commerce {

std::optional<std::string> single_header(const PayHeaders& headers, std::string_view name) {
    std::optional<std::string> value;
    for (const auto& [key, text] : headers) {
        if (key != name) continue;
        if (value) return std::nullopt;
        value = text;
    }
    return value;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Verified> parse_sandbox_body(const std::string& body) {
    v1::SandboxEvent notify;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;  // a provider may add fields
    if (!google::protobuf::util::JsonStringToMessage(body, &notify, options).ok()) return std::nullopt;
    if (!is_id_text(notify.event_id()) || !is_id_text(notify.payment_id()) || !is_id_text(notify.order_id()))
        return std::nullopt;
    Verified verified;
    verified.event_id = notify.event_id();
    if (notify.type().empty() || notify.type() == "payment.paid") verified.kind = Verified::Kind::paid;
    if (notify.type() == "payment.closed") verified.kind = Verified::Kind::closed;
    verified.fact.payment = PaymentId(notify.payment_id());
    verified.fact.order = OrderId(notify.order_id());
    verified.fact.amount_fen = notify.amount_fen();
    verified.fact.currency = notify.currency();
    return verified;
}

NotifyVerdict parse_sandbox_notify(const PayHeaders& headers, const std::string& body, std::int64_t now_s,
                                   const std::vector<std::string>& secrets, std::int64_t window_s) {
    if (body.size() > notify_bytes_max) return NotifyRefusal::too_large;
    const auto id = single_header(headers, "webhook-id");
    const auto timestamp = single_header(headers, "webhook-timestamp");
    const auto signature = single_header(headers, "webhook-signature");
    if (!id || !timestamp || !signature) return NotifyRefusal::malformed;
    const auto sent_s = whole_number(*timestamp);
    if (!sent_s) return NotifyRefusal::malformed;
    if (*sent_s < now_s - window_s || *sent_s > now_s + window_s) return NotifyRefusal::stale;
    const auto signed_with = [&](const std::string& secret) {
        return auth::is_webhook_signed(secret, *signature, *id, *sent_s, body);
    };
    if (!std::any_of(secrets.begin(), secrets.end(), signed_with)) return NotifyRefusal::bad_signature;
    if (auto verified = parse_sandbox_body(body)) return std::move(*verified);
    return NotifyRefusal::malformed;
}

PayHeaders sign_sandbox_notify(const std::string& secret, const std::string& event_id, std::int64_t now_s,
                               const std::string& body) {
    PayHeaders headers;
    headers.emplace_back("content-type", "application/json");
    headers.emplace_back("webhook-id", event_id);
    headers.emplace_back("webhook-timestamp", std::to_string(now_s));
    headers.emplace_back("webhook-signature", auth::sign_webhook(secret, event_id, now_s, body));
    return headers;
}

std::string to_body(const v1::SandboxEvent& notify) {
    std::string body;
    LF_CHECK(google::protobuf::util::MessageToJsonString(notify, &body).ok());
    return body;
}

}  // namespace livefair::commerce
