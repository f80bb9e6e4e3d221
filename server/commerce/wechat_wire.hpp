#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "commerce/pay_crypto.hpp"
#include "commerce/payment_provider.hpp"

/// WeChat Pay APIv3 on the wire, without I/O. Tested against messages that the tests sign and seal themselves: NOT
/// CONNECTED TO REAL MONEY.
namespace livefair::commerce {

struct WechatKeys {
    std::string merchant_id;      ///< mchid.
    std::string app_id;           ///< appid.
    std::string merchant_serial;  ///< Of the merchant's certificate.
    RsaPrivateKey merchant_key;
    std::string api_key;                                ///< APIv3 key, 32 bytes.
    std::map<std::string, RsaPublicKey> platform_keys;  ///< By serial number; two while they are changed.
};

/// The header Authorization. `target`: path and query.
std::string wechat_authorization(const WechatKeys& keys, std::string_view method, std::string_view target,
                                 std::int64_t now_s, std::string_view nonce, std::string_view body);
/// Why the headers do not show that the platform has signed `body`; nothing when they do. Answers and webhooks alike.
std::optional<NotifyRefusal> refuse_wechat_signature(const WechatKeys& keys, const PayHeaders& headers,
                                                     std::string_view body, std::int64_t now_s, std::int64_t window_s);
NotifyVerdict parse_wechat_notify(const WechatKeys& keys, const PayHeaders& headers, const std::string& body,
                                  std::int64_t now_s, std::int64_t window_s);
/// A transaction as webhooks (unsealed) and answers to queries have it. Errors: invalid_input - malformed;
/// forbidden - another merchant's or app's.
Result<PaymentFact> parse_wechat_transaction(const WechatKeys& keys, std::string_view json);

}  // namespace livefair::commerce
