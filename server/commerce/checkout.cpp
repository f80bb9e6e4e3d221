#include "commerce/checkout.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include <unordered_map>
#include <unordered_set>

#include "base/metrics.hpp"
#include "commerce/answers.hpp"
#include "commerce/till_rows.hpp"
#include "ledger/catalog.hpp"
#include "ledger/orders.hpp"

namespace livefair::commerce {

using std::chrono::milliseconds;

namespace {

/// A missed message of the committed channel costs at most twice this much waiting.
constexpr milliseconds look_period{100};
constexpr std::int64_t ids_a_page = 10'000;
constexpr std::size_t addresses_max = 50'000, ages_max = 50'000;

std::string address_key(const AccountId& buyer, const AddressId& address) {
    return buyer.str() + "|" + address.str();
}

}  // namespace

class Checkout::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(Till& till, CommitWatch& watch, ledger::Ledger& ledger, SoldOutBook& sold_out, Options options)
        : till_(till), queue_(till, options.queue), watch_(watch), ledger_(ledger), sold_out_(sold_out), options_(options) {}

    net::Task<v1::OrderAnswer> place(AccountId buyer, v1::PlaceOrder request) {
        if (request.order_id().size() < 16 || !is_id_text(request.order_id())) co_return bad_id_answer();
        const OrderId order(request.order_id());
        if (!is_id_text(request.show_id()) || !is_id_text(request.offer_id()))
            co_return rejected_answer(order, Refusal::no_offer);
        if (request.quantity() < 1 || request.quantity() > 99) co_return rejected_answer(order, Refusal::bad_quantity);
        if (!is_id_text(request.address_id())) co_return no_address_answer(order);
        const Purchase purchase{ShowId(request.show_id()), OfferId(request.offer_id()),     order,
                                std::move(buyer),          AddressId(request.address_id()), request.quantity()};
        if (!request.is_adult()) {
            auto known = ages_.find(purchase.offer);
            if (known == ages_.end()) {
                const Result<> read = co_await read_age(purchase.offer);
                if (!read) co_return unknown_answer(order);
                known = ages_.find(purchase.offer);
            }
            if (known != ages_.end() && known->second > 0) co_return minor_answer(order);
        }
        if (sold_out_.is_sold_out(purchase)) {
            sold_out_here_.add();
            co_return rejected_answer(order, Refusal::sold_out);
        }
        const Result<std::int64_t> owns = co_await check_address(purchase);
        if (!owns) co_return unknown_answer(order);
        if (*owns == 0) co_return no_address_answer(order);
        const v1::OrderAnswer answer = co_await ask_till(purchase);
        co_return answer;
    }

    net::Task<v1::CancelOrderResponse> cancel(AccountId buyer, ShowId show, OrderId order) {
        v1::CancelOrderResponse response;
        response.set_outcome(v1::OUTCOME_UNKNOWN);
        const Result<Release> release = co_await till_.cancel(show, order, buyer);
        if (!release || release->kind == Release::Kind::paused) co_return response;
        bool may_be_forgotten = false;
        if (release->kind != Release::Kind::not_found) {
            const auto committed = co_await wait_for_commit(show, release->stream_id, order);
            // What was told of the commit may have gone to a server that is the primary no more: the ledger is asked all the same.
            may_be_forgotten = committed == CommitWatch::Outcome::timed_out ||
                               (committed == CommitWatch::Outcome::look_again && release->kind == Release::Kind::released);
        }
        auto find = [order, buyer](ledger::Database& database) { return ledger::find_order(database, order, buyer); };
        auto found = co_await ledger_.read(std::move(find));
        if (!found && found.error() != Errc::not_found) co_return response;
        // Cancelling twice is one cancelling: both say accepted.
        const bool is_cancelled = found && found->state() == v1::ORDER_STATE_CANCELLED;
        if (!is_cancelled && may_be_forgotten) co_return response;
        response.set_outcome(is_cancelled ? v1::OUTCOME_ACCEPTED : v1::OUTCOME_REJECTED);
        if (found) *response.mutable_order() = std::move(*found);
        co_return response;
    }

private:
    /// Into `ages_`, for good: an offer's goods and their age stay. What the ledger does not have stays unknown, and the till answers.
    net::Task<Result<>> read_age(OfferId offer) {
        auto read = [offer](ledger::Database& database) { return ledger::find_offer(database, offer); };
        const Result<v1::Offer> found = co_await ledger_.read(std::move(read));
        if (!found && found.error() == Errc::not_found) co_return Result<>();
        if (!found) co_return found.error();
        if (ages_.size() >= ages_max) ages_.clear();
        ages_.emplace(std::move(offer), found->age_min());
        co_return Result<>();
    }

    /// 1: the address is the buyer's. Addresses never change hands, so a yes is remembered.
    net::Task<Result<std::int64_t>> check_address(Purchase purchase) {
        const auto key = address_key(purchase.buyer, purchase.address);
        if (addresses_.contains(key)) co_return 1;
        auto look = [buyer = purchase.buyer,
                     address = purchase.address](ledger::Database& database) -> Result<std::int64_t> {
            const auto owns = ledger::owns_address(database, buyer, address);
            if (owns.has_error()) return owns.error();
            return owns.value() ? 1 : 0;
        };
        const auto owns = co_await ledger_.read(std::move(look));
        if (owns && *owns == 1) {
            if (addresses_.size() >= addresses_max) addresses_.clear();
            addresses_.insert(key);
        }
        co_return owns;
    }

    static v1::OrderAnswer repeat_answer(const Purchase& purchase, const ledger::PlacedOrder& known) {
        const bool same = known.buyer == purchase.buyer && known.offer == purchase.offer &&
                          known.show == purchase.show && known.quantity == purchase.quantity &&
                          known.address == purchase.address;
        if (!same) return rejected_answer(purchase.order, Refusal::conflict);
        if (known.state == ledger::OrderState::refused) return rejected_answer(purchase.order, Refusal::refused);
        return accepted_answer(purchase.order, known.amount_fen, known.hold_until_ms, known.left_after, known.without_gift);
    }

    net::Task<v1::OrderAnswer> ask_till(Purchase purchase) {
        sold_out_.begin(purchase);
        Result<Decision> decision = co_await queue_.place(purchase);
        // A server that is the primary no more refuses by what it had then.
        if (decision && decision->kind == Decision::Kind::rejected && decision->epoch < watch_.epoch(purchase.show)) decision->kind = Decision::Kind::paused;
        if (auto wanted = sold_out_.end(purchase, decision))
            net::spawn(co_await net::asio::this_coro::executor, read_ids(shared_from_this(), std::move(*wanted)), "sold out");
        if (!decision && decision.error() == Errc::too_many_requests) co_return busy_answer(purchase.order);
        if (!decision) co_return unknown_answer(purchase.order);
        switch (decision->kind) {
            case Decision::Kind::paused:
                co_return unknown_answer(purchase.order);
            case Decision::Kind::no_till: {
                const v1::OrderAnswer answer = co_await answer_without_till(purchase);
                co_return answer;
            }
            case Decision::Kind::rejected:
                co_return rejected_answer(purchase.order, decision->refusal, decision->left);
            case Decision::Kind::accepted:
                break;
        }
        if (options_.is_relaxed && !decision->repeated)
            co_return accepted_answer(purchase.order, decision->amount_fen, decision->hold_until_ms, decision->left, decision->without_gift);
        auto outcome = co_await wait_for_commit(purchase.show, decision->stream_id, purchase.order);
        // Who asks again is answered by the ledger: what was told of the commit may have gone to a server that is the primary no more.
        if (outcome == CommitWatch::Outcome::timed_out && !decision->repeated) co_return unknown_answer(purchase.order);
        if (outcome == CommitWatch::Outcome::refused) co_return rejected_answer(purchase.order, Refusal::refused);
        if (outcome == CommitWatch::Outcome::look_again || decision->repeated) {
            const v1::OrderAnswer answer = co_await answer_by_ledger(purchase, outcome == CommitWatch::Outcome::committed);
            co_return answer;
        }
        co_return accepted_answer(purchase.order, decision->amount_fen, decision->hold_until_ms, decision->left, decision->without_gift);
    }

    /// `must_have_it`: it was committed. Else Redis may have forgotten the order before the ledger had it; asked again, it is decided anew.
    net::Task<v1::OrderAnswer> answer_by_ledger(Purchase purchase, bool must_have_it) {
        auto find = [order = purchase.order](ledger::Database& database) {
            return ledger::find_placed(database, order);
        };
        const auto known = co_await ledger_.read(std::move(find));
        if (!known) co_return unknown_answer(purchase.order);
        if (!*known) co_return must_have_it ? rejected_answer(purchase.order, Refusal::refused) : unknown_answer(purchase.order);
        co_return repeat_answer(purchase, **known);
    }

    /// Redis has no till of this show: it was never on sale, or Redis lost its data and the till is about to be
    /// rebuilt.
    net::Task<v1::OrderAnswer> answer_without_till(Purchase purchase) {
        auto look = [show = purchase.show](ledger::Database& database) {
            return database.query(
                "SELECT s.state, s.channel, (SELECT count(*) FROM tills t WHERE t.show_id = s.id) FROM shows s WHERE "
                "s.id = ?",
                {show.str()});
        };
        const auto rows = co_await ledger_.read(std::move(look));
        if (!rows) co_return unknown_answer(purchase.order);
        if (rows->empty()) co_return rejected_answer(purchase.order, Refusal::no_offer);
        const auto& show = rows->front();
        if (!ledger::has_till(static_cast<ledger::Channel>(show.integer(1)))) co_return rejected_answer(purchase.order, Refusal::staff_only);
        if (show.integer(2) > 0 || show.integer(0) == 2) co_return unknown_answer(purchase.order);
        co_return rejected_answer(purchase.order, show.integer(0) == 1 ? Refusal::not_open : Refusal::closed);
    }

    net::Task<CommitWatch::Outcome> wait_for_commit(ShowId show, std::string stream_id, OrderId order) {
        if (looked_after_.insert(show).second)
            net::spawn(co_await net::asio::this_coro::executor, look_after(shared_from_this(), show), "look after commits");
        const auto outcome = co_await watch_.wait(show, std::move(stream_id), order, options_.commit_deadline);
        co_return outcome;
    }

    /// While anybody waits: a message of the committed channel that is still missing a period after its key was seen has
    /// been lost.
    static net::Task<> look_after(std::shared_ptr<Impl> self, ShowId show) {
        std::string seen;
        do {
            co_await net::sleep_for(look_period);
            self->watch_.on_resynced(show, seen);
            const auto newest = co_await self->till_.committed(show);
            seen = newest ? *newest : std::string();
        } while (self->watch_.has_waiters(show));
        self->looked_after_.erase(show);
    }

    /// All ids that the ledger has of an offer that has just been sold out.
    static net::Task<> read_ids(std::shared_ptr<Impl> self, SoldOutBook::Wanted wanted) {
        std::vector<std::string> ids;
        Result<> read = co_await self->wait_for_version(wanted);
        for (bool more = true; read && more;) {
            const auto after = ids.empty() ? OrderId() : OrderId(ids.back());
            auto select = [wanted, after](ledger::Database& database) {
                return order_ids_of_offer(database, wanted.show, wanted.offer, after, ids_a_page);
            };
            auto page = co_await self->ledger_.read(std::move(select));
            if (!page) read = page.error();
            else {
                more = static_cast<std::int64_t>(page->size()) == ids_a_page;
                ids.insert(ids.end(), std::make_move_iterator(page->begin()), std::make_move_iterator(page->end()));
            }
        }
        if (read) self->sold_out_.learn(wanted, ids);
        else self->sold_out_.give_up(wanted);
    }

    net::Task<Result<>> wait_for_version(SoldOutBook::Wanted wanted) {
        if (wanted.version.empty()) co_return Result<>();
        const auto outcome = co_await wait_for_commit(wanted.show, wanted.version, OrderId());
        if (outcome == CommitWatch::Outcome::timed_out) co_return make_error_code(Errc::timed_out);
        co_return Result<>();
    }

    Till& till_;
    PurchaseQueue queue_;
    CommitWatch& watch_;
    ledger::Ledger& ledger_;
    SoldOutBook& sold_out_;
    Options options_;
    std::unordered_set<std::string> addresses_;
    std::unordered_map<OfferId, std::int32_t> ages_;
    std::unordered_set<ShowId> looked_after_;
    metrics::Counter sold_out_here_ =
        metrics::counter("livefair_checkout_sold_out_total", "Purchases answered sold out without asking Redis or the ledger");
};

Checkout::Checkout(Till& till, CommitWatch& watch, ledger::Ledger& ledger, SoldOutBook& sold_out, Options options)
    : impl_(std::make_shared<Impl>(till, watch, ledger, sold_out, options)) {}
Checkout::~Checkout() = default;

net::Task<v1::OrderAnswer> Checkout::place(AccountId buyer, v1::PlaceOrder request) {
    return impl_->place(std::move(buyer), std::move(request));
}
net::Task<v1::CancelOrderResponse> Checkout::cancel(AccountId buyer, ShowId show, OrderId order) {
    return impl_->cancel(std::move(buyer), std::move(show), std::move(order));
}

}  // namespace livefair::commerce
