#include "commerce/purchase_queue.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <unordered_map>
#include <utility>

#include "base/metrics.hpp"

namespace livefair::commerce {

namespace {

namespace asio = net::asio;

struct Waiting {
    Waiting(const asio::any_io_executor& executor, Purchase its)
        : purchase(std::move(its)), wake(executor, asio::steady_timer::time_point::max()) {}
    void complete(Result<Decision> with) {
        decision = std::move(with);
        wake.cancel();
    }
    Purchase purchase;
    asio::steady_timer wake;
    Result<Decision> decision = make_error_code(Errc::redis_unknown);
};

/// Purchases live in the frames of who waits for them; those end only when their decision is there.
struct ShowQueue {
    std::deque<Waiting*> waiting;
    bool is_called = false;
};

}  // namespace

class PurchaseQueue::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(Till& till, Options options) : till_(till), options_(options) {}

    /// Static, with the Impl as a parameter, so that the coroutine keeps it alive.
    static net::Task<Result<Decision>> place(std::shared_ptr<Impl> self, Purchase purchase) {
        const auto show = purchase.show;
        auto& queue = self->shows_[show];
        if (queue.waiting.size() >= self->options_.waiting_max) {
            self->turned_away_.add();
            co_return make_error_code(Errc::too_many_requests);
        }
        const auto executor = co_await asio::this_coro::executor;
        Waiting waiting(executor, std::move(purchase));
        queue.waiting.push_back(&waiting);
        if (!std::exchange(queue.is_called, true)) net::spawn(executor, self->run(self, show), "purchases");
        co_await waiting.wake.async_wait(net::as_result);
        co_return std::move(waiting.decision);
    }

private:
    /// One call after the other, until nobody waits.
    static net::Task<> run(std::shared_ptr<Impl> self, ShowId show) {
        // What this turn of the loop still brings goes along.
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        // The shows' places do not move, but a show's own ends with its last call.
        auto& queue = self->shows_[show];
        while (!queue.waiting.empty()) co_await self->call_till(queue);
        self->shows_.erase(show);
    }

    net::Task<> call_till(ShowQueue& queue) {
        std::vector<Waiting*> called;
        std::vector<Purchase> purchases;
        while (!queue.waiting.empty() && called.size() < Till::purchases_max) {
            called.push_back(queue.waiting.front());
            queue.waiting.pop_front();
            purchases.push_back(std::move(called.back()->purchase));
        }
        purchases_per_call_.observe(static_cast<double>(called.size()));
        auto decisions = co_await till_.place(std::move(purchases));
        for (std::size_t i = 0; i < called.size(); ++i) {
            if (decisions) called[i]->complete(std::move((*decisions)[i]));
            else called[i]->complete(decisions.error());
        }
    }

    Till& till_;
    const Options options_;
    std::unordered_map<ShowId, ShowQueue> shows_;  ///< Only those with purchases under way.
    metrics::Counter turned_away_ =
        metrics::counter("livefair_purchases_turned_away_total", "Purchases answered \"unknown, ask again\" because too many waited");
    metrics::Histogram purchases_per_call_ =
        metrics::histogram("livefair_purchases_per_call", "Purchases that shared one call to the till", {1, 2, 4, 8, 16, 32, 64, 96, 127, 128});
};

PurchaseQueue::PurchaseQueue(Till& till, Options options) : impl_(std::make_shared<Impl>(till, options)) {}
PurchaseQueue::~PurchaseQueue() = default;

net::Task<Result<Decision>> PurchaseQueue::place(Purchase purchase) {
    return Impl::place(impl_, std::move(purchase));
}

}  // namespace livefair::commerce
