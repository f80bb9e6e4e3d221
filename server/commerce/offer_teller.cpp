#include "commerce/offer_teller.hpp"

#include <charconv>

#include "base/log.hpp"

namespace livefair::commerce {

using ledger::Database;

net::Task<> OfferTeller::sweep(ShowId show, std::string run_id) {
    auto list = [show](Database& database) { return database.query("SELECT id, version FROM offers WHERE show_id = ?", {show.str()}); };
    const auto offers = co_await ledger_.read(std::move(list));
    if (!offers) co_return;
    // After a failover the client may be led to the old primary for a while, which was told and says nothing about its successor.
    const auto is_there = [&] { return till_.redis().run_id(till_key(show, "till")) == run_id; };
    for (const auto& row : *offers) {
        const OfferId offer(row.text(0));
        const auto version = row.integer(1);
        if (known_[offer] >= version) continue;
        if (!is_there()) co_return;
        const bool is_known = co_await knows(show, offer, version);
        if (!is_there()) co_return;
        if (is_known) {
            known_[offer] = version;
            continue;
        }
        // A till that is paused or away is told at the next look.
        const Result<> told = co_await sales_.load_offer(show, offer);
        if (told) log::info("a till was told late of an offer", {{"show", show.str()}, {"offer", offer.str()}, {"version", version}});
    }
}

net::Task<bool> OfferTeller::knows(ShowId show, OfferId offer, std::int64_t version) {
    redis::Client::Command look{"HGET", till_key(show, "offer:" + offer.str()), "version"};
    const auto found = co_await till_.redis().command(std::move(look));
    std::int64_t known = 0;
    if (found) std::from_chars(found->text.data(), found->text.data() + found->text.size(), known);
    co_return known >= version;
}

}  // namespace livefair::commerce
