#include "commerce/offer_teller.hpp"

#include <charconv>

#include "base/log.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {
constexpr std::int64_t show_ended = 3;
}

net::Task<> OfferTeller::sweep(ShowId show) {
    if (ended_.contains(show)) co_return;
    auto list = [show](Database& database) {
        return database.query("SELECT o.id, o.version, s.state FROM offers o JOIN shows s ON s.id = o.show_id WHERE o.show_id = ?", {show.str()});
    };
    const auto offers = co_await ledger_.read(std::move(list));
    if (!offers || offers->empty()) co_return;
    bool knows_all = true;
    for (const auto& row : *offers) {
        const OfferId offer(row.text(0));
        const auto version = row.integer(1);
        if (known_[offer] >= version) continue;
        const bool is_known = co_await knows(show, offer, version);
        if (is_known) {
            known_[offer] = version;
            continue;
        }
        knows_all = false;
        // A till that is paused or away is told at the next look.
        const Result<> told = co_await sales_.load_offer(show, offer);
        if (told) log::info("a till was told late of an offer", {{"show", show.str()}, {"offer", offer.str()}, {"version", version}});
    }
    if (knows_all && offers->front().integer(2) == show_ended) ended_.insert(show);
}

net::Task<bool> OfferTeller::knows(ShowId show, OfferId offer, std::int64_t version) {
    redis::Client::Command look{"HGET", till_key(show, "offer:" + offer.str()), "version"};
    const auto found = co_await till_.redis().command(std::move(look));
    std::int64_t known = 0;
    if (found) std::from_chars(found->text.data(), found->text.data() + found->text.size(), known);
    co_return known >= version;
}

}  // namespace livefair::commerce
