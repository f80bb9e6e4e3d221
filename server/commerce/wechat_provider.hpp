#pragma once

#include "base/clock.hpp"
#include "commerce/pay_transport.hpp"
#include "commerce/wechat_wire.hpp"

namespace livefair::commerce {

/// WeChat Pay APIv3, Native (a QR code). NOT CONNECTED TO REAL MONEY: it has never spoken to the real service, and
/// send_by_http() has no TLS. statement() is not there yet: unsupported.
class WechatProvider final : public PaymentProvider {
public:
    struct Options {
        std::string gateway_url;  ///< Without a slash at the end.
        std::string notify_url;
        std::int64_t window_s = 300;
    };
    WechatProvider(WechatKeys keys, const Clock& clock, Options options, PayTransport transport = send_by_http);

    std::string_view name() const override { return "wechat_v3"; }
    net::Task<Result<std::string>> create(PaymentAsk ask) override;
    net::Task<Result<PaymentFact>> query(PaymentId payment) override;
    net::Task<Result<>> close(PaymentId payment) override;
    net::Task<Result<RefundFact>> refund(std::string id, PaymentId payment, std::int64_t amount_fen,
                                         std::int64_t total_fen, std::string reason) override;
    net::Task<Result<RefundFact>> query_refund(std::string id, PaymentId payment) override;
    NotifyVerdict parse_notify(const PayHeaders& headers, const std::string& body, std::int64_t now_s) const override;
    ProviderAnswer ack(int status) const override;
    net::Task<Result<std::vector<PaymentFact>>> statement(std::int64_t day, PaymentId after) override;

private:
    /// The body of a signed success. Errors: not_found, conflict; overloaded, internal - unknown.
    net::Task<Result<std::string>> call(std::string method, std::string target, std::string body);

    WechatKeys keys_;
    const Clock& clock_;
    Options options_;
    PayTransport transport_;
};

}  // namespace livefair::commerce
