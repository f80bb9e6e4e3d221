#include "commerce/refunds.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "ledger/refund_requests.hpp"
#include "net/periodic.hpp"

namespace livefair::commerce {

using ledger::Database;
using ledger::RefundRequest;

namespace {

constexpr std::int64_t at_once = 100, pause_ms_max = 3'600'000;
constexpr std::int64_t tries_before_alarm = 8;

RefundRequest::State state_of(RefundFact::State state) {
    switch (state) {
        case RefundFact::State::done:
            return RefundRequest::State::done;
        case RefundFact::State::failed:
            return RefundRequest::State::failed;
        default:
            return RefundRequest::State::accepted;
    }
}

/// What a call of the provider makes of a request.
struct Step {
    RefundRequest::State state;
    std::string problem;
    bool is_answered;
};

Step step_of(const RefundRequest& request, const Result<RefundFact>& said) {
    if (said) return {state_of(said->state), said->problem, true};
    const bool is_no = request.state == RefundRequest::State::asked &&
                       (said.error() == Errc::conflict || said.error() == Errc::not_found);
    if (is_no) return {RefundRequest::State::failed, said.error().message(), true};
    return {request.state, said.error().message(), false};
}

}  // namespace

class Refunds::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock, PaymentProvider& provider,
         Options options)
        : ledger_(ledger), clock_(clock), provider_(provider), options_(options), rounds_(std::move(executor), clock, options.period, "refunds") {}

    void start() {
        rounds_.start([self = shared_from_this()] { return self->run(); });
    }
    void stop() { rounds_.stop(); }

    net::Task<Result<std::int64_t>> run_once() {
        const Result<> asked = co_await ask_for_late_ones();
        if (!asked) co_return asked.error();
        std::int64_t answered = 0;
        for (;;) {
            auto read = [now_ms = clock_.unix_ms()](Database& database) {
                return ledger::due_refunds(database, now_ms, at_once);
            };
            const auto due = co_await ledger_.read(std::move(read));
            if (!due) co_return due.error();
            for (const auto& request : *due) {
                const Result<bool> one = co_await ask_provider(request);
                if (!one) co_return one.error();
                answered += *one ? 1 : 0;
            }
            if (static_cast<std::int64_t>(due->size()) < at_once) co_return answered;
        }
    }

private:
    /// While the ledger is away refunds wait; what the provider did meanwhile it does not do again.
    net::Task<> run() { (void)co_await run_once(); }

    net::Task<Result<>> ask_for_late_ones() {
        const auto count = co_await ledger_.read(ledger::count_due_refunds);
        if (!count) co_return count.error();
        if (*count == 0) co_return Result<>();
        auto ask = [now_ms = clock_.unix_ms()](Database& database) {
            return ledger::ask_due_refunds(database, now_ms);
        };
        const auto asked = co_await ledger_.write(std::move(ask));
        if (!asked) co_return asked.error();
        log::info("refunds of payments that no order took", {{"count", *asked}});
        co_return Result<>();
    }

    net::Task<Result<bool>> ask_provider(RefundRequest request) {
        const auto& ask = request.ask;
        // A request of another provider waits for the day that provider is configured again.
        Result<RefundFact> said = make_error_code(Errc::unsupported);
        if (ask.provider == provider_.name() && request.state == RefundRequest::State::asked)
            said = co_await provider_.refund(ask.id, ask.payment, ask.amount_fen, request.total_fen, ask.reason);
        else if (ask.provider == provider_.name())
            said = co_await provider_.query_refund(ask.id, ask.payment);
        const auto step = step_of(request, said);
        tell(request, step);
        const auto now_ms = clock_.unix_ms();
        const auto doubled = options_.pause_ms << std::min<std::int64_t>(request.tries, 20);
        const auto next_ms = now_ms + std::min(doubled, pause_ms_max);
        auto note = [request, step, now_ms, next_ms](Database& database) {
            return ledger::note_refund(database, request, step.state, step.problem, now_ms, next_ms);
        };
        const auto noted = co_await ledger_.write(std::move(note));
        if (!noted) co_return Result<bool>(boost::system::in_place_error, noted.error());
        co_return step.is_answered;
    }

    static void tell(const RefundRequest& request, const Step& step) {
        if (step.state == RefundRequest::State::failed || request.tries + 1 == tries_before_alarm)
            log::error("a refund needs a person",
                       {{"refund", request.ask.id}, {"order", request.ask.order.str()}, {"why", step.problem}});
        if (step.state == request.state) return;
        const bool is_done = step.state == RefundRequest::State::done;
        const bool is_failed = step.state == RefundRequest::State::failed;
        metrics::counter("livefair_refunds_total", "Refunds by what the provider said",
                         {{"state", is_done     ? "done"
                                    : is_failed ? "failed"
                                                : "accepted"}})
            .add();
    }

    ledger::Ledger& ledger_;
    const Clock& clock_;
    PaymentProvider& provider_;
    Options options_;
    net::Periodic rounds_;
};

Refunds::Refunds(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock,
                 PaymentProvider& provider, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), ledger, clock, provider, options)) {}
Refunds::~Refunds() {
    impl_->stop();
}
void Refunds::start() {
    impl_->start();
}
void Refunds::stop() {
    impl_->stop();
}
net::Task<Result<std::int64_t>> Refunds::run_once() {
    return impl_->run_once();
}

}  // namespace livefair::commerce
