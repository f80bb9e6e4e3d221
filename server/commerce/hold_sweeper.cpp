#include "commerce/hold_sweeper.hpp"

#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/periodic.hpp"

namespace livefair::commerce {

namespace {
constexpr std::int64_t chunk = 100;
}

class HoldSweeper::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, std::chrono::milliseconds period)
        : executor_(executor), till_(till), ledger_(ledger), rounds_(std::move(executor), system_clock(), period, "hold sweeper") {}

    void start() {
        rounds_.start([self = shared_from_this()] { return self->sweep_all(); });
    }
    void stop() { rounds_.stop(); }
    void before_expiry(BeforeExpiry may_expire) { may_expire_ = std::move(may_expire); }

    net::Task<Result<std::int64_t>> sweep(ShowId show) {
        std::int64_t released = 0, kept = 0;
        for (;;) {
            const auto orders = co_await till_.due(show, chunk, kept);
            if (!orders) co_return orders.error();
            std::vector<OrderId> ended = *orders;
            if (may_expire_) ended = co_await may_expire_(*orders);
            const bool all_are_kept = ended.empty();
            const Result<std::int64_t> more = co_await release_all(show, std::move(ended));
            if (!more) co_return more.error();
            released += *more;
            // A till that releases nothing of what has ended is paused.
            if (static_cast<std::int64_t>(orders->size()) < chunk || (*more == 0 && !all_are_kept)) co_return released;
            kept += chunk - *more;
        }
    }

private:
    /// One chunk under way: its releases share the pipeline and Redis' fsync.
    struct Chunk {
        Chunk(const net::asio::any_io_executor& executor, std::size_t count)
            : waiting(count), done(executor, net::asio::steady_timer::time_point::max()) {}
        std::size_t waiting;
        net::asio::steady_timer done;
        std::int64_t released = 0;
        boost::system::error_code error;
    };

    static net::Task<> release_one(std::shared_ptr<Impl> self, ShowId show, OrderId order,
                                   std::shared_ptr<Chunk> under_way) {
        const Result<Release> release = co_await self->till_.expire(show, order);
        if (!release)
            under_way->error = release.error();
        else if (release->kind == Release::Kind::released)
            ++under_way->released;
        if (--under_way->waiting == 0) under_way->done.cancel();
    }

    net::Task<Result<std::int64_t>> release_all(ShowId show, std::vector<OrderId> orders) {
        if (orders.empty()) co_return 0;
        auto under_way = std::make_shared<Chunk>(executor_, orders.size());
        for (auto& order : orders)
            net::spawn(executor_, release_one(shared_from_this(), show, std::move(order), under_way), "expiry");
        (void)co_await under_way->done.async_wait(net::as_result);
        if (under_way->error) co_return under_way->error;
        co_return under_way->released;
    }

    net::Task<> sweep_all() {
        auto list = [](ledger::Database& database) { return database.query("SELECT show_id FROM tills"); };
        const auto shows = co_await ledger_.read(std::move(list));
        if (!shows) co_return;
        for (const auto& show : *shows) {
            // While Redis is away holds wait; they are caught up with when it is back.
            const Result<std::int64_t> released = co_await sweep(ShowId(show.text(0)));
            if (released && *released > 0) log::info("holds ended", {{"show", show.text(0)}, {"orders", *released}});
        }
    }

    net::asio::any_io_executor executor_;
    Till& till_;
    ledger::Ledger& ledger_;
    BeforeExpiry may_expire_;
    net::Periodic rounds_;
};

HoldSweeper::HoldSweeper(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger,
                         std::chrono::milliseconds period)
    : impl_(std::make_shared<Impl>(std::move(executor), till, ledger, period)) {}
HoldSweeper::~HoldSweeper() {
    impl_->stop();
}
void HoldSweeper::before_expiry(BeforeExpiry may_expire) {
    impl_->before_expiry(std::move(may_expire));
}
void HoldSweeper::start() {
    impl_->start();
}
void HoldSweeper::stop() {
    impl_->stop();
}
net::Task<Result<std::int64_t>> HoldSweeper::sweep(ShowId show) {
    return impl_->sweep(std::move(show));
}

}  // namespace livefair::commerce
