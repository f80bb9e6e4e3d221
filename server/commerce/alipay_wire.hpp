#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "commerce/pay_crypto.hpp"
#include "commerce/payment_provider.hpp"

/// Alipay's open platform on the wire, without I/O. Tested against messages that the tests sign themselves: NOT
/// CONNECTED TO REAL MONEY.
namespace livefair::commerce {

struct AlipayKeys {
    std::string app_id;
    std::string seller_id;  ///< The merchant's account there; every payment has to name it.
    RsaPrivateKey app_key;
    RsaPublicKey alipay_key;
};

using AlipayFields = std::map<std::string, std::string>;

/// "88.88" as fen: digits, and at most two behind a point. Nothing for all else ("1e2", "-1", "0.1+0.2", ".5", "1.").
std::optional<std::int64_t> fen_of_yuan(std::string_view text);
std::string yuan_of_fen(std::int64_t fen);

/// Decodes application/x-www-form-urlencoded. Nothing when a field comes twice, an escape is broken, it is not UTF-8 or
/// has more than 100 fields.
std::optional<AlipayFields> parse_form(std::string_view body);
std::string to_form(const AlipayFields& fields);

/// The form of a request: common fields, `content` as biz_content, signed with RSA2.
std::string sign_alipay_request(const AlipayKeys& keys, AlipayFields fields, const std::string& method,
                                const std::string& content, std::int64_t now_ms);
/// What a webhook's signature is over: all fields but sign and sign_type, sorted, decoded, "k=v&...".
std::string alipay_signed_text(const AlipayFields& fields);
/// `now_s` is not looked at: Alipay sends no time that it signs for this purpose; event id and state guard against
/// repetition.
NotifyVerdict parse_alipay_notify(const AlipayKeys& keys, const std::string& body);
/// The object "<method>_response" of an answer as it was written, when its signature is Alipay's. Errors: internal.
Result<std::string> open_alipay_answer(const AlipayKeys& keys, std::string_view body, const std::string& method);

}  // namespace livefair::commerce
