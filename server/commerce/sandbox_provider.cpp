#include "commerce/sandbox_provider.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/order.pb.h>

#include "auth/hmac.hpp"
#include "base/log.hpp"
#include "net/http_client.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {

constexpr int tries_max = 8;
constexpr std::chrono::milliseconds answer_deadline{10'000};

Result<SandboxProvider::Page> read_page(Database& database, const PaymentId& payment) {
    const auto rows = database.query(
        "SELECT p.id, p.order_id, o.title, p.amount_fen, p.state FROM payments p JOIN orders o ON o.id = p.order_id "
        "WHERE p.provider = 'sandbox' AND p.id = ?",
        {payment.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    return SandboxProvider::Page{row.text(0), row.text(1), row.text(2), row.integer(3), row.text(4)};
}

}  // namespace

class SandboxProvider::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock, std::string notify_url,
         std::string secret)
        : executor_(std::move(executor)),
          ledger_(ledger),
          clock_(clock),
          notify_url_(std::move(notify_url)),
          secret_(std::move(secret)) {}

    net::Task<Result<Page>> page(PaymentId payment) {
        auto read = [payment](Database& database) { return read_page(database, payment); };
        auto found = co_await ledger_.read(std::move(read));
        co_return found;
    }

    net::Task<Result<int>> confirm(PaymentId payment) {
        const Result<Page> known = co_await page(payment);
        if (!known) co_return known.error();
        v1::SandboxNotify notify;
        // One payment is one event however often the button is pressed.
        notify.set_event_id("evt_" + known->payment);
        notify.set_payment_id(known->payment);
        notify.set_order_id(known->order);
        notify.set_amount_fen(known->amount_fen);
        notify.set_currency("CNY");
        notify.set_occurred_ms(clock_.unix_ms());
        std::string body;
        if (!google::protobuf::util::MessageToJsonString(notify, &body).ok()) co_return make_error_code(Errc::internal);
        const auto status = co_await send(notify.event_id(), body);
        if (!status || *status / 100 != 2)
            net::spawn(executor_, send_again(shared_from_this(), notify.event_id(), body), "sandbox webhook");
        co_return status;
    }

private:
    /// Signed anew at each try, because the receiver refuses old timestamps.
    net::Task<Result<int>> send(std::string event, std::string body) {
        const auto now_s = clock_.unix_ms() / 1000;
        net::HttpHeaders headers;
        headers.emplace_back("content-type", "application/json");
        headers.emplace_back("webhook-id", event);
        headers.emplace_back("webhook-timestamp", std::to_string(now_s));
        headers.emplace_back("webhook-signature", auth::sign_webhook(secret_, event, now_s, body));
        const auto response =
            co_await net::http_request("POST", notify_url_, std::move(headers), body, answer_deadline);
        if (!response) co_return response.error();
        co_return response->status;
    }

    static net::Task<> send_again(std::shared_ptr<Impl> self, std::string event, std::string body) {
        std::chrono::milliseconds pause{1000};
        for (int attempt = 2; attempt <= tries_max; ++attempt) {
            co_await net::sleep_for(pause);
            pause *= 2;
            const auto status = co_await self->send(event, body);
            if (status && *status / 100 == 2) co_return;
        }
        log::warn("the sandbox gave up on a webhook", {{"event", event}, {"tries", tries_max}});
    }

    net::asio::any_io_executor executor_;
    ledger::Ledger& ledger_;
    const Clock& clock_;
    std::string notify_url_;
    std::string secret_;
};

SandboxProvider::SandboxProvider(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock,
                                 std::string notify_url, std::string secret)
    : impl_(std::make_shared<Impl>(std::move(executor), ledger, clock, std::move(notify_url), std::move(secret))) {}
SandboxProvider::~SandboxProvider() = default;
net::Task<Result<SandboxProvider::Page>> SandboxProvider::page(PaymentId payment) {
    return impl_->page(std::move(payment));
}
net::Task<Result<int>> SandboxProvider::confirm(PaymentId payment) {
    return impl_->confirm(std::move(payment));
}

}  // namespace livefair::commerce
