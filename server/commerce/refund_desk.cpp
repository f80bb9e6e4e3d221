#include "commerce/refund_desk.hpp"

#include "base/log.hpp"
#include "ledger/refunds.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {
constexpr std::int64_t chunk = 100;
}

class RefundDesk::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, OrderDesk& orders, const Clock& clock,
         std::chrono::milliseconds period)
        : executor_(std::move(executor)),
          till_(till),
          ledger_(ledger),
          orders_(orders),
          clock_(clock),
          period_(period) {}

    void start() {
        running_ = true;
        net::spawn(executor_, run(shared_from_this()), "refund desk");
    }
    void stop() { running_ = false; }

    net::Task<Result<std::int64_t>> run_once() {
        const Result<std::int64_t> restocked = co_await restock_all();
        if (!restocked) co_return restocked.error();
        const Result<std::int64_t> followed = co_await follow();
        if (!followed) co_return followed.error();
        co_return *restocked + *followed;
    }

private:
    static net::Task<> run(std::shared_ptr<Impl> self) {
        while (self->running_) {
            (void)co_await self->run_once();
            co_await net::sleep_for(self->period_);
        }
    }

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

    net::asio::any_io_executor executor_;
    Till& till_;
    ledger::Ledger& ledger_;
    OrderDesk& orders_;
    const Clock& clock_;
    std::chrono::milliseconds period_;
    bool running_ = false;
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
