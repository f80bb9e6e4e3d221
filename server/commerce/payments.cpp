#include "commerce/payments.hpp"

#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "commerce/payment_rows.hpp"

namespace livefair::commerce {

using ledger::Database;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds look_period{100};

int status_of(NotifyRefusal refusal) {
    switch (refusal) {
        case NotifyRefusal::too_large:
            return notify_status::too_large;
        case NotifyRefusal::bad_signature:
            return notify_status::bad_signature;
        default:
            return notify_status::malformed;
    }
}

/// What a provider answered to a query, as if it had told us.
Verified as_event(const PaymentFact& fact) {
    return {"query_" + fact.payment.str(), Verified::Kind::paid, fact};
}

}  // namespace

class Payments::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(Till& till, CommitWatch& watch, ledger::Ledger& ledger, const Clock& clock, PaymentProvider& provider,
         Options options)
        : till_(till),
          watch_(watch),
          ledger_(ledger),
          clock_(clock),
          provider_(provider),
          name_(provider.name()),
          options_(options) {}

    const PaymentProvider& provider() const { return provider_; }

    net::Task<Result<v1::CreatePaymentResponse>> create(AccountId buyer, OrderId order) {
        auto open = [provider = name_, buyer, order, now_ms = clock_.unix_ms()](Database& database) {
            return open_payment(database, provider, buyer, order, now_ms);
        };
        const auto ask = co_await ledger_.write(std::move(open));
        if (!ask) co_return ask.error();
        auto url = co_await provider_.create(*ask);
        if (!url) co_return url.error();
        v1::CreatePaymentResponse response;
        response.set_payment_id(ask->payment.str());
        response.set_pay_url(std::move(*url));
        response.set_amount_fen(ask->amount_fen);
        co_return response;
    }

    net::Task<ProviderAnswer> notify(PayHeaders headers, std::string body) {
        auto verdict = provider_.parse_notify(headers, body, clock_.unix_ms() / 1000);
        if (const auto* refusal = std::get_if<NotifyRefusal>(&verdict)) {
            if (*refusal == NotifyRefusal::other_merchant) log::error("a signed payment is another merchant's", {});
            co_return answer(status_of(*refusal));
        }
        const int status = co_await settle(std::move(std::get<Verified>(verdict)));
        co_return answer(status);
    }

    net::Task<int> settle(Verified verified) {
        auto read = [provider = name_, verified](Database& database) {
            return read_standing(database, provider, verified);
        };
        const auto standing = co_await ledger_.read(std::move(read));
        if (!standing) co_return notify_status::try_again;
        if (standing->is_seen) co_return notify_status::taken;
        if (!standing->order) co_return notify_status::unknown_order;
        const auto order = *standing->order;
        if (verified.kind != Verified::Kind::paid) co_return co_await note(std::move(verified));
        if (!standing->contradiction.empty()) co_return co_await refuse(order, verified, standing->contradiction);

        const Result<Settlement> settlement = co_await till_.pay(
            order.show, order.id, name_, verified.fact.payment.str(), verified.event_id, verified.fact.amount_fen);
        if (!settlement && settlement.error() == Errc::invalid_input)
            co_return co_await refuse(order, verified, "amount");
        if (!settlement || settlement->kind == Settlement::Kind::paused ||
            settlement->kind == Settlement::Kind::not_found)
            co_return notify_status::try_again;
        const bool committed = co_await wait_for_commit(order, verified.fact.payment.str(), settlement->stream_id);
        if (!committed) co_return notify_status::try_again;
        // The projector has written the event of a new payment; what is left is another event of a known one, and the
        // provider's number of the money.
        if (!settlement->repeated && verified.fact.transaction_id.empty()) co_return notify_status::taken;
        co_return co_await note(std::move(verified));
    }

    net::Task<Result<>> check(AccountId buyer, OrderId order) {
        auto read = [provider = name_, buyer, order](Database& database) -> Result<std::vector<OpenPayment>> {
            const auto placed = ledger::find_placed(database, order);
            if (!placed) return placed.error();
            if (!*placed || (*placed)->buyer != buyer) return make_error_code(Errc::not_found);
            return open_payments(database, provider, {order});
        };
        const auto open = co_await ledger_.read(std::move(read));
        if (!open) co_return open.error();
        for (const auto& payment : *open) {
            const auto fact = co_await provider_.query(payment.payment);
            if (fact && fact->state == PaymentFact::State::paid) (void)co_await settle(as_event(*fact));
        }
        co_return Result<>();
    }

    net::Task<std::vector<OrderId>> close_unpaid(std::vector<OrderId> orders) {
        auto read = [provider = name_, orders](Database& database) {
            return open_payments(database, provider, orders);
        };
        const auto open = co_await ledger_.read(std::move(read));
        if (!open) co_return std::vector<OrderId>();
        if (open->empty()) co_return orders;
        auto asked = std::make_shared<Asked>(co_await net::asio::this_coro::executor, open->size());
        for (const auto& payment : *open)
            net::spawn(asked->done.get_executor(), close_one(shared_from_this(), payment, asked), "payment query");
        // All may have been answered at once.
        if (asked->waiting > 0) (void)co_await asked->done.async_wait(net::as_result);
        std::erase_if(orders, [&](const OrderId& order) {
            return std::find(asked->held.begin(), asked->held.end(), order) != asked->held.end();
        });
        co_return orders;
    }

private:
    /// Questions to the provider under way at once.
    struct Asked {
        Asked(const net::asio::any_io_executor& executor, std::size_t count)
            : waiting(count), done(executor, net::asio::steady_timer::time_point::max()) {}
        std::size_t waiting;
        net::asio::steady_timer done;
        std::vector<OrderId> held;  ///< Orders that may not expire now.
    };

    static net::Task<> close_one(std::shared_ptr<Impl> self, OpenPayment payment, std::shared_ptr<Asked> asked) {
        const bool may_expire = co_await self->is_closed(payment);
        if (!may_expire) asked->held.push_back(payment.order);
        if (--asked->waiting == 0) asked->done.cancel();
    }

    /// Whether the payment can bring no money any more; settles it when it has.
    net::Task<bool> is_closed(OpenPayment payment) {
        const auto fact = co_await provider_.query(payment.payment);
        if (fact && fact->state == PaymentFact::State::paid) {
            const int status = co_await settle(as_event(*fact));
            if (status == notify_status::taken) co_return false;
            // A payment that contradicts the order never becomes one; what came of another amount goes back by the
            // statement, all else is in the anomalies for a person.
            co_return status != notify_status::try_again || is_overdue(payment);
        }
        Result<> closed;
        if (fact && fact->state == PaymentFact::State::open) closed = co_await provider_.close(payment.payment);
        const bool is_unknown_there = !fact && fact.error() == Errc::not_found;
        if ((!fact && !is_unknown_there) || !closed) co_return is_overdue(payment);
        auto write = [provider = name_, payment, now_ms = clock_.unix_ms()](Database& database) {
            return note_closed(database, provider, payment.payment, now_ms);
        };
        const auto noted = co_await ledger_.write(std::move(write));
        co_return noted.has_value();
    }

    bool is_overdue(const OpenPayment& payment) const {
        return clock_.unix_ms() > payment.hold_until_ms + options_.query_grace_ms;
    }

    net::Task<bool> wait_for_commit(ledger::PlacedOrder order, std::string payment, std::string stream_id) {
        const auto end = clock_.steady() + options_.commit_deadline;
        for (;;) {
            const auto outcome = co_await watch_.wait(order.show, stream_id, order.id, look_period);
            if (outcome == CommitWatch::Outcome::look_again) co_return co_await is_settled(payment);
            if (outcome != CommitWatch::Outcome::timed_out) co_return true;
            if (clock_.steady() >= end) co_return false;
            const auto newest = co_await till_.committed(order.show);
            if (newest) watch_.on_resynced(order.show, *newest);
        }
    }

    /// False: Redis may have forgotten the payment before the ledger had it; the provider has to say it again.
    net::Task<bool> is_settled(std::string payment) {
        auto look = [provider = name_, payment](Database& database) {
            return database.query("SELECT 1 FROM payments WHERE provider = ? AND id = ? AND state <> 'created'",
                                  {provider, payment});
        };
        const auto rows = co_await ledger_.read(std::move(look));
        co_return rows && !rows->empty();
    }

    net::Task<int> note(Verified verified) {
        auto write = [provider = name_, verified, now_ms = clock_.unix_ms()](Database& database) -> Result<> {
            if (verified.kind == Verified::Kind::closed) {
                if (const auto closed = note_closed(database, provider, verified.fact.payment, now_ms); !closed)
                    return closed;
            }
            return note_event(database, provider, verified, now_ms);
        };
        const auto noted = co_await ledger_.write(std::move(write));
        co_return noted ? notify_status::taken : notify_status::try_again;
    }

    net::Task<int> refuse(ledger::PlacedOrder order, Verified verified, std::string why) {
        log::error("a payment is not what was agreed",
                   {{"order", order.id.str()}, {"payment", verified.fact.payment.str()}, {"differs", why}});
        metrics::counter("livefair_payment_alarms_total", "Payments of the provider that contradict their order",
                         {{"differs", why}})
            .add();
        auto write = [order, verified, why, now_ms = clock_.unix_ms()](Database& database) {
            return note_contradiction(database, order, verified, why, now_ms);
        };
        const auto noted = co_await ledger_.write(std::move(write));
        co_return noted ? notify_status::malformed : notify_status::try_again;
    }

    ProviderAnswer answer(int status) const {
        metrics::counter("livefair_webhooks_total", "Webhooks of the payment provider by answer",
                         {{"status", std::to_string(status)}})
            .add();
        return provider_.ack(status);
    }

    Till& till_;
    CommitWatch& watch_;
    ledger::Ledger& ledger_;
    const Clock& clock_;
    PaymentProvider& provider_;
    const std::string name_;
    Options options_;
};

Payments::Payments(Till& till, CommitWatch& watch, ledger::Ledger& ledger, const Clock& clock,
                   PaymentProvider& provider, Options options)
    : impl_(std::make_shared<Impl>(till, watch, ledger, clock, provider, options)) {}
Payments::~Payments() = default;
const PaymentProvider& Payments::provider() const {
    return impl_->provider();
}
net::Task<Result<v1::CreatePaymentResponse>> Payments::create(AccountId buyer, OrderId order) {
    return impl_->create(std::move(buyer), std::move(order));
}
net::Task<ProviderAnswer> Payments::notify(PayHeaders headers, std::string body) {
    return impl_->notify(std::move(headers), std::move(body));
}
net::Task<Result<>> Payments::check(AccountId buyer, OrderId order) {
    return impl_->check(std::move(buyer), std::move(order));
}
net::Task<std::vector<OrderId>> Payments::close_unpaid(std::vector<OrderId> orders) {
    return impl_->close_unpaid(std::move(orders));
}
net::Task<int> Payments::settle(Verified verified) {
    return impl_->settle(std::move(verified));
}

}  // namespace livefair::commerce
