#include "commerce/commit_watch.hpp"

#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "commerce/till.hpp"
#include "ledger/order_text.hpp"

namespace livefair::commerce {

using ledger::StreamId;

namespace {

/// Refusals remembered for purchases whose own answer from the till comes after the message: microseconds, so a few are
/// enough.
constexpr std::size_t refusals_max = 4096;

struct Waiter {
    std::int64_t epoch;
    const std::string& order;
    net::asio::steady_timer* timer;
    CommitWatch::Outcome outcome = CommitWatch::Outcome::timed_out;
};

struct ShowState {
    std::int64_t epoch = 0;  ///< Of the newest word; words of an older one come too late.
    StreamId newest;
    /// Ids up to this one may have been committed while we were not listening.
    StreamId blind_until;
    std::multimap<StreamId, Waiter*> waiters;
    std::unordered_set<std::string> refused;
    std::deque<std::string> refused_order;
};

/// "<id>@<epoch>"; epoch 0: none, or not a number.
struct Position {
    std::int64_t epoch = 0;
    StreamId id;
};
Position parse_position(std::string_view text) {
    const auto at = std::min(text.find('@'), text.size());
    Position position{0, StreamId::parse(text.substr(0, at))};
    const auto number = text.substr(std::min(at + 1, text.size()));
    const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), position.epoch);
    if (ec != std::errc{} || end != number.data() + number.size()) position.epoch = 0;
    return position;
}

}  // namespace

class CommitWatch::Impl {
public:
    std::unordered_map<ShowId, ShowState> shows;

    static Outcome outcome_of(const ShowState& state, const StreamId& id, std::int64_t epoch, const std::string& order) {
        if (state.refused.contains(order)) return Outcome::refused;
        // The till has been rebuilt since: Redis may have forgotten the order before the ledger had it.
        if (epoch == 0 || epoch != state.epoch) return Outcome::look_again;
        return id <= state.blind_until ? Outcome::look_again : Outcome::committed;
    }

    /// O(woken).
    static void wake(ShowState& state) {
        while (!state.waiters.empty() && state.waiters.begin()->first <= state.newest) {
            const auto first = state.waiters.begin();
            auto& [id, waiter] = *first;
            waiter->outcome = outcome_of(state, id, waiter->epoch, waiter->order);
            waiter->timer->cancel();
            state.waiters.erase(first);
        }
    }

    static void remember_refusal(ShowState& state, std::string order) {
        if (!state.refused.insert(order).second) return;
        state.refused_order.push_back(std::move(order));
        if (state.refused_order.size() <= refusals_max) return;
        state.refused.erase(state.refused_order.front());
        state.refused_order.pop_front();
    }
};

CommitWatch::CommitWatch() : impl_(std::make_unique<Impl>()) {}
CommitWatch::~CommitWatch() = default;

std::string CommitWatch::channel(const ShowId& show) {
    return till_key(show, "committed");
}

void CommitWatch::on_committed(const ShowId& show, std::string_view payload) {
    auto& state = impl_->shows[show];
    const auto space = payload.find(' ');
    const auto position = parse_position(payload.substr(0, space));
    while (payload.find(' ') != std::string_view::npos) {
        payload.remove_prefix(payload.find(' ') + 1);
        Impl::remember_refusal(state, std::string(payload.substr(0, payload.find(' '))));
    }
    if (position.epoch < state.epoch) return;
    state.newest = position.epoch > state.epoch ? position.id : std::max(state.newest, position.id);
    state.epoch = position.epoch;
    Impl::wake(state);
}

void CommitWatch::on_resynced(const ShowId& show, std::string_view text) {
    auto& state = impl_->shows[show];
    const auto position = parse_position(text);
    if (position.epoch < state.epoch || (position.epoch == state.epoch && position.id <= state.newest)) return;
    state.epoch = position.epoch;
    state.newest = position.id;
    state.blind_until = position.id;
    Impl::wake(state);
}

net::Task<CommitWatch::Outcome> CommitWatch::wait(ShowId show, std::string stream_id, OrderId order,
                                                  std::chrono::milliseconds deadline) {
    auto& state = impl_->shows[show];
    const auto [epoch, id] = parse_position(stream_id);
    if (id <= state.newest) co_return Impl::outcome_of(state, id, epoch, order.str());
    const auto executor = co_await net::asio::this_coro::executor;
    net::asio::steady_timer timer(executor, deadline);
    Waiter waiter{epoch, order.str(), &timer};
    // Elements of the maps keep their place, and shows are never erased.
    const auto place = state.waiters.emplace(id, &waiter);
    (void)co_await timer.async_wait(net::as_result);
    if (waiter.outcome == Outcome::timed_out) state.waiters.erase(place);
    co_return waiter.outcome;
}

bool CommitWatch::has_waiters(const ShowId& show) const {
    const auto found = impl_->shows.find(show);
    return found != impl_->shows.end() && !found->second.waiters.empty();
}

std::int64_t CommitWatch::epoch(const ShowId& show) const {
    const auto found = impl_->shows.find(show);
    return found == impl_->shows.end() ? 0 : found->second.epoch;
}

std::string CommitWatch::newest(const ShowId& show) const {
    const auto found = impl_->shows.find(show);
    return found == impl_->shows.end() || found->second.newest == StreamId() ? std::string()
                                                                             : found->second.newest.text();
}

bool stream_id_less(std::string_view a, std::string_view b) {
    return parse_position(a).id < parse_position(b).id;
}

}  // namespace livefair::commerce
