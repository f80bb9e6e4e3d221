#include "commerce/end_check.hpp"

#include <algorithm>
#include <map>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "commerce/reconcile.hpp"
#include "ledger/reconciliations.hpp"
#include "net/periodic.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {

constexpr int tries_max = 3;
/// Of one show, in the log; all of them are named by `livefair-ctl reconcile`.
constexpr std::size_t logged_max = 20;

std::string text_of(const Difference& difference) {
    return difference.what + ": " + difference.expected + " / " + difference.found;
}

}  // namespace

class EndCheck::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, ledger::Projector& projector,
         const Clock& clock, std::chrono::milliseconds period)
        : till_(till),
          ledger_(ledger),
          projector_(projector),
          clock_(clock),
          rounds_(std::move(executor), clock, period, "end check") {}

    void start() {
        rounds_.start([self = shared_from_this()] { return self->run(); });
    }
    void stop() { rounds_.stop(); }

    net::Task<Result<std::int64_t>> run_once() {
        const auto due = co_await ledger_.read(&ledger::shows_to_recount);
        if (!due) co_return due.error();
        std::int64_t done = 0;
        for (const auto& [show, has_till] : *due) {
            if (has_till && !projector_.holds(show)) continue;
            const auto differences = co_await reconcile(show, till_, ledger_);
            // Redis or the ledger is away: later.
            if (!differences) co_return differences.error();
            if (!differences->empty() && ++tries_[show] < tries_max) continue;
            const Result<> noted = co_await note(show, *differences);
            if (!noted) co_return noted.error();
            ++done;
        }
        const Result<> told = co_await tell_metrics();
        if (!told) co_return told.error();
        co_return done;
    }

private:
    net::Task<> run() { (void)co_await run_once(); }

    net::Task<Result<>> note(ShowId show, std::vector<Difference> differences) {
        ledger::Reconciliation found{show, clock_.unix_ms(), static_cast<std::int64_t>(differences.size()), {}};
        if (!differences.empty()) found.first_difference = text_of(differences.front());
        auto write = [found](Database& database) { return ledger::note_reconciliation(database, found); };
        const Result<> noted = co_await ledger_.write(std::move(write));
        if (!noted) co_return noted.error();
        tries_.erase(show);
        recounts_.add();
        log::info("an ended show was recounted", {{"show", show.str()}, {"differences", found.differences}});
        for (std::size_t i = 0; i < std::min(differences.size(), logged_max); ++i)
            log::error("an ended show does not add up", {{"show", show.str()},
                                                         {"what", differences[i].what},
                                                         {"expected", differences[i].expected},
                                                         {"found", differences[i].found}});
        co_return Result<>();
    }

    net::Task<Result<>> tell_metrics() {
        const auto differences = co_await ledger_.read(&ledger::count_differences);
        if (!differences) co_return differences.error();
        differences_.set(static_cast<double>(*differences));
        co_return Result<>();
    }

    Till& till_;
    ledger::Ledger& ledger_;
    ledger::Projector& projector_;
    const Clock& clock_;
    net::Periodic rounds_;
    std::map<ShowId, int> tries_;
    metrics::Counter recounts_ = metrics::counter("livefair_show_recounts_total", "Recounts of shows after their end");
    metrics::Gauge differences_ =
        metrics::gauge("livefair_show_recount_differences",
                       "Differences that the newest recounts of ended shows found; not 0: look into it");
};

EndCheck::EndCheck(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger,
                   ledger::Projector& projector, const Clock& clock, std::chrono::milliseconds period)
    : impl_(std::make_shared<Impl>(std::move(executor), till, ledger, projector, clock, period)) {}
EndCheck::~EndCheck() {
    impl_->stop();
}
void EndCheck::start() {
    impl_->start();
}
void EndCheck::stop() {
    impl_->stop();
}
net::Task<Result<std::int64_t>> EndCheck::run_once() {
    return impl_->run_once();
}

}  // namespace livefair::commerce
