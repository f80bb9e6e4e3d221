#include "commerce/refund_desk.hpp"

#include "base/log.hpp"
#include "ledger/refunds.hpp"
#include "net/periodic.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {
constexpr std::int64_t chunk = 100;
}

class RefundDesk::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, OrderDesk& orders, const Clock& clock,
         std::chrono::milliseconds period)
        : till_(till), ledger_(ledger), orders_(orders), clock_(clock), rounds_(std::move(executor), clock, period, "refund desk") {}

    void start() {
        rounds_.start([self = shared_from_this()] { return self->run(); });
    }
    void stop() { rounds_.stop(); }

    net::Task<Result<std::int64_t>> run_once() {
        const Result<std::int64_t> restocked = co_await restock_all();
        if (!restocked) co_return restocked.error();
        const Result<std::int64_t> followed = co_await follow();
        if (!followed) co_return followed.error();
        co_return *restocked + *followed;
    }

private:
    net::Task<> run() { (void)co_await run_once(); }

    net::Task<Result<std::int64_t>> restock_all() {
        auto list = [](Database& database) { return ledger::due_restocks(database, chunk); };
        const auto due = co_await ledger_.read(std::move(list));
        if (!due) co_return due.error();
        std::int64_t done = 0;
        for (const auto& goods : *due) {
            const Result<Restocking> told =
                co_await till_.restock(goods.show, goods.order, goods.refund, goods.quantity);
            // Paused or away: later. The projector notes what the till has done, so one of these may be told twice.
            if (!told && told.error() != Errc::conflict) co_return told.error();
            if (!told || told->kind == Restocking::Kind::not_found)
                log::error("the till does not know a refunded order",
                           {{"refund", goods.refund}, {"order", goods.order.str()}});
            else if (told->kind == Restocking::Kind::restocked && !told->repeated)
                ++done;
        }
        co_return done;
    }

    net::Task<Result<std::int64_t>> follow() {
        const auto answered = co_await ledger_.read(&ledger::count_answered_refunds);
        if (!answered || *answered == 0) co_return answered;
        auto note = [now_ms = clock_.unix_ms()](Database& database) {
            return ledger::follow_refunds(database, now_ms, chunk);
        };
        const auto changed = co_await ledger_.write(std::move(note));
        if (!changed) co_return changed.error();
        for (const auto& order : *changed) co_await orders_.tell_buyer(order);
        co_return static_cast<std::int64_t>(changed->size());
    }

    Till& till_;
    ledger::Ledger& ledger_;
    OrderDesk& orders_;
    const Clock& clock_;
    net::Periodic rounds_;
};

RefundDesk::RefundDesk(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, OrderDesk& orders,
                       const Clock& clock, std::chrono::milliseconds period)
    : impl_(std::make_shared<Impl>(std::move(executor), till, ledger, orders, clock, period)) {}
RefundDesk::~RefundDesk() {
    impl_->stop();
}
void RefundDesk::start() {
    impl_->start();
}
void RefundDesk::stop() {
    impl_->stop();
}
net::Task<Result<std::int64_t>> RefundDesk::run_once() {
    return impl_->run_once();
}

}  // namespace livefair::commerce
