#include "commerce/sandbox_provider.hpp"

#include <livefair/v1/payment.pb.h>

#include <array>

#include "base/log.hpp"
#include "commerce/sandbox_books.hpp"
#include "commerce/sandbox_notify.hpp"
#include "net/http_client.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {

constexpr int tries_max = 8;
constexpr std::chrono::milliseconds answer_deadline{10'000};
/// Of SandboxMode::forge; nobody's key.
constexpr const char* forged_secret = "a key that no provider ever had, 32+";

Result<SandboxProvider::Page> read_page(Database& database, const PaymentId& payment) {
    const auto rows = database.query(
        "SELECT s.id, s.order_id, s.subject, s.amount_fen, CASE WHEN p.state = 'refund_due' THEN 'refund_due' WHEN "
        "s.state = 'open' THEN 'created' ELSE s.state END FROM sandbox_payments s LEFT JOIN payments p ON p.provider = "
        "'sandbox' AND p.id = s.id WHERE s.id = ?",
        {payment.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    return SandboxProvider::Page{row.text(0), row.text(1), row.text(2), row.integer(3), row.text(4)};
}

v1::SandboxEvent notify_of(const PaymentFact& fact, const std::string& type, std::int64_t occurred_ms) {
    v1::SandboxEvent notify;
    // One payment is one event of a kind however often the button is pressed.
    notify.set_event_id((type == "payment.paid" ? "evt_" : "evt_closed_") + fact.payment.str());
    notify.set_payment_id(fact.payment.str());
    notify.set_order_id(fact.order.str());
    notify.set_amount_fen(fact.amount_fen);
    notify.set_currency(fact.currency);
    notify.set_occurred_ms(occurred_ms);
    notify.set_type(type);
    return notify;
}

}  // namespace

std::optional<SandboxMode> parse_sandbox_mode(std::string_view text) {
    constexpr std::array<std::string_view, 7> names = {"normal", "dup",   "reorder", "delay",
                                                       "forge",  "never", "amount+1"};
    if (text.empty()) return SandboxMode::normal;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == text) return static_cast<SandboxMode>(i);
    return std::nullopt;
}

/// Sends webhooks; outlives the provider while one is under way.
class SandboxProvider::Sender : public std::enable_shared_from_this<Sender> {
public:
    Sender(net::asio::any_io_executor executor, const Clock& clock, const Options& options)
        : executor_(std::move(executor)), clock_(clock), options_(options) {}

    net::Task<Result<int>> tell(PaymentFact fact, SandboxMode mode) {
        const auto now_ms = clock_.unix_ms();
        auto notify = notify_of(fact, "payment.paid", now_ms);
        const auto secret = mode == SandboxMode::forge ? forged_secret : options_.secrets.front();
        if (mode == SandboxMode::never) co_return 0;
        if (mode == SandboxMode::amount_plus_1) notify.set_amount_fen(fact.amount_fen + 1);
        if (mode == SandboxMode::delay) {
            net::spawn(executor_, send_later(shared_from_this(), notify, options_.delay), "sandbox webhook");
            co_return 0;
        }
        if (mode == SandboxMode::dup) send_copies(notify);
        const auto body = to_body(notify);
        const auto status = co_await send(secret, notify.event_id(), body);
        const bool is_taken = status && *status / 100 == 2;
        if (!is_taken && mode != SandboxMode::forge)
            net::spawn(executor_, send_again(shared_from_this(), notify.event_id(), body), "sandbox webhook");
        if (mode == SandboxMode::reorder) {
            const auto older = notify_of(fact, "payment.closed", now_ms - 60'000);
            net::spawn(executor_, send_later(shared_from_this(), older, {}), "sandbox webhook");
        }
        co_return status;
    }

private:
    void send_copies(const v1::SandboxEvent& notify) {
        for (int copy = 0; copy < 2; ++copy)
            net::spawn(executor_, send_later(shared_from_this(), notify, {}), "sandbox webhook");
        auto other = notify;
        other.set_event_id(notify.event_id() + "_2");
        net::spawn(executor_, send_later(shared_from_this(), other, {}), "sandbox webhook");
    }

    /// Signed anew at each try, because the receiver refuses old timestamps.
    net::Task<Result<int>> send(std::string secret, std::string event, std::string body) {
        auto headers = sign_sandbox_notify(secret, event, clock_.unix_ms() / 1000, body);
        const auto response =
            co_await net::http_request("POST", options_.notify_url, std::move(headers), body, answer_deadline);
        if (!response) co_return response.error();
        co_return response->status;
    }

    static net::Task<> send_later(std::shared_ptr<Sender> self, v1::SandboxEvent notify,
                                  std::chrono::milliseconds delay) {
        co_await net::sleep_for(delay);
        const auto body = to_body(notify);
        const auto status = co_await self->send(self->options_.secrets.front(), notify.event_id(), body);
        if (!status || *status / 100 != 2) co_await send_again(self, notify.event_id(), body);
    }

    static net::Task<> send_again(std::shared_ptr<Sender> self, std::string event, std::string body) {
        auto pause = self->options_.retry_pause;
        for (int attempt = 2; attempt <= tries_max; ++attempt) {
            co_await net::sleep_for(pause);
            pause *= 2;
            const auto status = co_await self->send(self->options_.secrets.front(), event, body);
            if (status && *status / 100 == 2) co_return;
        }
        log::warn("the sandbox gave up on a webhook", {{"event", event}, {"tries", tries_max}});
    }

    net::asio::any_io_executor executor_;
    const Clock& clock_;
    Options options_;
};

SandboxProvider::SandboxProvider(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock,
                                 Options options)
    : ledger_(ledger),
      clock_(clock),
      options_(std::move(options)),
      sender_(std::make_shared<Sender>(std::move(executor), clock, options_)) {}
SandboxProvider::~SandboxProvider() = default;

net::Task<Result<SandboxProvider::Page>> SandboxProvider::page(PaymentId payment) {
    auto read = [payment](Database& database) { return read_page(database, payment); };
    co_return co_await ledger_.read(std::move(read));
}

net::Task<Result<int>> SandboxProvider::confirm(PaymentId payment, std::optional<SandboxMode> mode) {
    const auto how = mode.value_or(options_.mode);
    auto pay = [payment, how, now_ms = clock_.unix_ms()](Database& database) {
        return how == SandboxMode::forge ? sandbox_books::find(database, payment)
                                         : sandbox_books::pay(database, payment, now_ms);
    };
    const auto fact = co_await ledger_.write(std::move(pay));
    if (!fact) co_return fact.error();
    co_return co_await sender_->tell(*fact, how);
}

net::Task<Result<std::string>> SandboxProvider::create(PaymentAsk ask) {
    auto url = options_.site_url + "/pay/sandbox/" + ask.payment.str();
    auto open = [ask = std::move(ask), now_ms = clock_.unix_ms()](Database& database) {
        return sandbox_books::open(database, ask, now_ms);
    };
    const auto opened = co_await ledger_.write(std::move(open));
    if (!opened) co_return opened.error();
    co_return url;
}

net::Task<Result<PaymentFact>> SandboxProvider::query(PaymentId payment) {
    auto read = [payment](Database& database) { return sandbox_books::find(database, payment); };
    co_return co_await ledger_.read(std::move(read));
}

net::Task<Result<>> SandboxProvider::close(PaymentId payment) {
    auto close = [payment](Database& database) { return sandbox_books::close(database, payment); };
    co_return co_await ledger_.write(std::move(close));
}

net::Task<Result<RefundFact>> SandboxProvider::refund(std::string id, PaymentId payment, std::int64_t amount_fen,
                                                      std::int64_t, std::string) {
    auto give = [id, payment, amount_fen, now_ms = clock_.unix_ms(),
                 takes_ms = options_.refund_takes_ms](Database& database) -> Result<RefundFact> {
        const auto given = sandbox_books::refund(database, id, payment, amount_fen, now_ms);
        if (!given) return given;
        return sandbox_books::find_refund(database, id, now_ms, takes_ms);
    };
    co_return co_await ledger_.write(std::move(give));
}

net::Task<Result<RefundFact>> SandboxProvider::query_refund(std::string id, PaymentId) {
    auto read = [id, now_ms = clock_.unix_ms(), takes_ms = options_.refund_takes_ms](Database& database) {
        return sandbox_books::find_refund(database, id, now_ms, takes_ms);
    };
    co_return co_await ledger_.read(std::move(read));
}

NotifyVerdict SandboxProvider::parse_notify(const PayHeaders& headers, const std::string& body,
                                            std::int64_t now_s) const {
    return parse_sandbox_notify(headers, body, now_s, options_.secrets, options_.window_s);
}

net::Task<Result<std::vector<PaymentFact>>> SandboxProvider::statement(std::int64_t day, PaymentId after) {
    auto read = [day, after](Database& database) { return sandbox_books::statement(database, day, after); };
    co_return co_await ledger_.read(std::move(read));
}

}  // namespace livefair::commerce
