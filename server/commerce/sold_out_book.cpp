#include "commerce/sold_out_book.hpp"

#include <algorithm>
#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "commerce/commit_watch.hpp"

namespace livefair::commerce {

namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

constexpr auto look_again_after = 1s;
/// Ids are read again for an offer that comes and goes (unpaid orders expire one by one) at most this often; meanwhile the till answers.
constexpr auto read_again_after = 5s;
/// A command whose reply was lost may still be carried out; by then it has been, or never will be.
constexpr auto doubt = 60s;
constexpr std::size_t doubts_max = 100'000;
constexpr std::size_t offers_max = 1'000;
/// Ids of all offers together, 8 bytes each.
constexpr std::size_t ids_max = 8'000'000;
/// Answers of the book itself are remembered so long, or twice as long; and at most twice so many.
constexpr auto told_for = 5min;
constexpr std::size_t told_max = 500'000;

struct Page {
    std::uint64_t edition = 0;  ///< Rises when the offer comes back on sale.
    bool is_read = false;       ///< `ids` are all that the ledger had at `version`.
    bool is_being_read = false;
    std::string version;
    std::vector<std::size_t> ids;  ///< Hashes, sorted: equal ones only send an order to the till.
    Time next_look, next_read;
};

}  // namespace

/// Purchases that were told "sold out" lately, 8 bytes each and their share of the table.
class Told {
public:
    bool contains(std::size_t purchase) const { return newer_.contains(purchase) || older_.contains(purchase); }
    void add(std::size_t purchase, Time now) {
        if (newer_.size() >= told_max || now >= next_turn_) {
            older_ = std::exchange(newer_, {});
            next_turn_ = now + told_for;
        }
        newer_.insert(purchase);
    }

private:
    boost::unordered_flat_set<std::size_t> newer_, older_;
    Time next_turn_;
};

class SoldOutBook::Impl {
public:
    Impl(const Clock& clock, bool is_alone) : clock_(clock), is_alone_(is_alone) {}

    bool is_sold_out(const Purchase& purchase) {
        const auto whole = hash_of(purchase);
        const std::lock_guard lock(mutex_);
        if (told_.contains(whole)) return true;
        const auto found = pages_.find(purchase.offer);
        if (found == pages_.end() || !found->second.is_read) return false;
        auto& page = found->second;
        const auto now = clock_.steady();
        if (now < blind_until_ || is_busy(purchase.order, now)) return false;
        if (std::binary_search(page.ids.begin(), page.ids.end(), hash_of(purchase.order.str()))) return false;
        if (now >= page.next_look) {
            page.next_look = now + look_again_after;
            return false;
        }
        told_.add(whole, now);
        return true;
    }

    void begin(const Purchase& purchase) {
        const std::lock_guard lock(mutex_);
        ++under_way_[purchase.order];
    }

    std::optional<Wanted> end(const Purchase& purchase, const Result<Decision>& decision) {
        const std::lock_guard lock(mutex_);
        const auto now = clock_.steady();
        const auto busy = under_way_.find(purchase.order);
        if (busy != under_way_.end() && --busy->second == 0) under_way_.erase(busy);
        if (!decision) {
            if (decision.error() == Errc::redis_unknown) remember_doubt(purchase.order, now);
            return {};
        }
        if (decision->kind == Decision::Kind::accepted && !decision->repeated) reopen_after(purchase.offer, decision->stream_id);
        // A refusal of before says nothing about the offer now.
        if (decision->kind != Decision::Kind::rejected || decision->repeated) return {};
        switch (decision->refusal) {
            case Refusal::sold_out:
                return decision->left == 0 ? sold_out(purchase, decision->stream_id, now) : std::nullopt;
            case Refusal::not_open:
            case Refusal::closed:
            case Refusal::practice:
            case Refusal::no_offer:
                remove(purchase.offer);
                return {};
            default:
                return {};
        }
    }

    void learn(const Wanted& wanted, const std::vector<std::string>& ids) {
        std::vector<std::size_t> hashes;
        hashes.reserve(ids.size());
        for (const auto& id : ids) hashes.push_back(hash_of(id));
        std::sort(hashes.begin(), hashes.end());
        const std::lock_guard lock(mutex_);
        const auto found = pages_.find(wanted.offer);
        if (found == pages_.end()) return;
        auto& page = found->second;
        page.is_being_read = false;
        if (page.edition != wanted.edition || ids_ - page.ids.size() + hashes.size() > ids_max) return;
        ids_ += hashes.size() - page.ids.size();
        page.ids = std::move(hashes);
        page.version = wanted.version;
        page.is_read = true;
        const auto now = clock_.steady();
        page.next_look = now + look_again_after;
        page.next_read = now + read_again_after;
    }

    void give_up(const Wanted& wanted) {
        const std::lock_guard lock(mutex_);
        const auto found = pages_.find(wanted.offer);
        if (found != pages_.end()) found->second.is_being_read = false;
    }

    void on_left(const OfferId& offer, std::int64_t left) {
        if (left <= 0) return;
        const std::lock_guard lock(mutex_);
        remove(offer);
    }

private:
    static std::size_t hash_of(const std::string& id) { return std::hash<std::string>{}(id); }
    static std::size_t hash_of(const Purchase& purchase) {
        std::size_t seed = 0;
        for (const auto* part : {&purchase.show.str(), &purchase.offer.str(), &purchase.order.str(), &purchase.buyer.str(), &purchase.address.str()})
            boost::hash_combine(seed, hash_of(*part));
        boost::hash_combine(seed, purchase.quantity);
        return seed;
    }

    bool is_busy(const OrderId& order, Time now) {
        while (!doubts_in_order_.empty() && doubts_in_order_.front().first <= now) {
            const auto found = doubts_.find(doubts_in_order_.front().second);
            if (found != doubts_.end() && found->second <= now) doubts_.erase(found);
            doubts_in_order_.pop_front();
        }
        return under_way_.contains(order) || doubts_.contains(order);
    }

    void remember_doubt(const OrderId& order, Time now) {
        if (doubts_.size() >= doubts_max) {
            blind_until_ = now + doubt;
            return;
        }
        doubts_[order] = now + doubt;
        doubts_in_order_.emplace_back(now + doubt, order);
    }

    std::optional<Wanted> sold_out(const Purchase& purchase, const std::string& version, Time now) {
        if (!is_alone_ || (!pages_.contains(purchase.offer) && pages_.size() >= offers_max)) return {};
        auto& page = pages_[purchase.offer];
        if (page.is_read && page.version == version) {
            page.next_look = now + look_again_after;
            return {};
        }
        page.is_read = false;
        if (page.is_being_read || now < page.next_read) return {};
        page.is_being_read = true;
        page.version = version;
        return Wanted{purchase.show, purchase.offer, version, page.edition};
    }

    /// `accepted`: stream id of an accepted order.
    void reopen_after(const OfferId& offer, const std::string& accepted) {
        const auto found = pages_.find(offer);
        if (found != pages_.end() && stream_id_less(found->second.version, accepted)) remove(offer);
    }

    /// The page itself stays: what is being read for it must not be entered.
    void remove(const OfferId& offer) {
        const auto found = pages_.find(offer);
        if (found == pages_.end()) return;
        auto& page = found->second;
        ++page.edition;
        page.is_read = false;
        ids_ -= page.ids.size();
        page.ids = {};
    }

    const Clock& clock_;
    const bool is_alone_;
    std::mutex mutex_;
    std::unordered_map<OfferId, Page> pages_;
    std::size_t ids_ = 0;
    Told told_;
    std::unordered_map<OrderId, int> under_way_;
    std::unordered_map<OrderId, Time> doubts_;  ///< Ids whose answer was lost -> how long they are in doubt.
    std::deque<std::pair<Time, OrderId>> doubts_in_order_;
    Time blind_until_;  ///< More answers were lost than can be remembered.
};

SoldOutBook::SoldOutBook(const Clock& clock, bool is_alone) : impl_(std::make_unique<Impl>(clock, is_alone)) {}
SoldOutBook::~SoldOutBook() = default;
bool SoldOutBook::is_sold_out(const Purchase& purchase) { return impl_->is_sold_out(purchase); }
void SoldOutBook::begin(const Purchase& purchase) { impl_->begin(purchase); }
std::optional<SoldOutBook::Wanted> SoldOutBook::end(const Purchase& purchase, const Result<Decision>& decision) { return impl_->end(purchase, decision); }
void SoldOutBook::learn(const Wanted& wanted, const std::vector<std::string>& ids) { impl_->learn(wanted, ids); }
void SoldOutBook::give_up(const Wanted& wanted) { impl_->give_up(wanted); }
void SoldOutBook::on_left(const OfferId& offer, std::int64_t left) { impl_->on_left(offer, left); }

}  // namespace livefair::commerce
