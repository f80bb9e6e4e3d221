#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "commerce/payment_provider.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// How the sandbox misbehaves when a buyer pays, as real providers do at times.
enum class SandboxMode {
    normal,         ///< One webhook, sent again until it is answered with 2xx.
    dup,            ///< The same webhook three times at once, then one more event of the same payment.
    reorder,        ///< The webhook, then an older one that says "closed".
    delay,          ///< The webhook comes late.
    forge,          ///< Nobody pays; the webhook is signed with another key.
    never,          ///< Paid, but no webhook comes.
    amount_plus_1,  ///< The webhook names one fen more than was paid.
};
/// "" and "normal", "dup", "reorder", "delay", "forge", "never", "amount+1".
std::optional<SandboxMode> parse_sandbox_mode(std::string_view text);

/// The sandbox in the place of a payment provider: its page shows page(), its button calls confirm(). Moves no money.
class SandboxProvider final : public PaymentProvider {
public:
    struct Options {
        std::string site_url;              ///< For the page that the buyer opens.
        std::string notify_url;            ///< Where the signed webhook goes, over real HTTP.
        std::vector<std::string> secrets;  ///< The first signs; any of them is believed.
        std::int64_t window_s = 300;
        SandboxMode mode = SandboxMode::normal;
        std::chrono::milliseconds retry_pause{1000};  ///< Before the second try; doubles with each.
        std::chrono::milliseconds delay{20'000};      ///< Of SandboxMode::delay.
        std::int64_t refund_takes_ms = 0;
    };
    struct Page {
        std::string payment;
        std::string order;
        std::string title;
        std::int64_t amount_fen = 0;
        std::string state;  ///< created, paid (not told yet, or taken), refund_due or closed.
    };
    SandboxProvider(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock, Options options);
    ~SandboxProvider() override;

    net::Task<Result<Page>> page(PaymentId payment);
    /// The buyer pays; the webhook is sent as `mode` says (empty: Options::mode). Returns after the first answer, with
    /// its status; 0 when none is sent now. What is not answered with 2xx is sent again after 1, 2, 4 ... s, 8 tries in
    /// all. Errors: not_found; conflict - the payment is closed; those of the connection.
    net::Task<Result<int>> confirm(PaymentId payment, std::optional<SandboxMode> mode = {});

    std::string_view name() const override { return "sandbox"; }
    net::Task<Result<std::string>> create(PaymentAsk ask) override;
    net::Task<Result<PaymentFact>> query(PaymentId payment) override;
    net::Task<Result<>> close(PaymentId payment) override;
    net::Task<Result<RefundFact>> refund(std::string id, PaymentId payment, std::int64_t amount_fen,
                                         std::int64_t total_fen, std::string reason) override;
    net::Task<Result<RefundFact>> query_refund(std::string id, PaymentId payment) override;
    NotifyVerdict parse_notify(const PayHeaders& headers, const std::string& body, std::int64_t now_s) const override;
    ProviderAnswer ack(int status) const override { return {status, "application/json", {}}; }
    net::Task<Result<std::vector<PaymentFact>>> statement(std::int64_t day, PaymentId after) override;

private:
    class Sender;
    ledger::Ledger& ledger_;
    const Clock& clock_;
    Options options_;
    std::shared_ptr<Sender> sender_;
};

}  // namespace livefair::commerce
