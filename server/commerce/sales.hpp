#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "commerce/allocation_desk.hpp"
#include "commerce/till.hpp"
#include "ledger/ledger.hpp"
#include "ledger/projector.hpp"

namespace livefair::v1 {
class Offer;
}

namespace livefair::commerce {

/// Opens and closes what is for sale. Ledger first, then the till, so that a rebuilt till knows it too; where the show has none
/// (ledger::has_till()) the ledger is all. One per shard; not thread-safe.
class Sales {
public:
    Sales(Till& till, ledger::Ledger& ledger) : till_(till), ledger_(ledger) {}

    /// Puts a show on sale: the ledger's table `tills` gets its row and the till is built. Call when a show goes live.
    /// Idempotent. The projector of the ledger's process sees the new row within a second. A bulk channel or a stall has no till: nothing happens.
    /// Errors: not_found, timed_out, those of Redis and ledger.
    net::Task<Result<>> start_show(ShowId show);
    /// Closes all offers and gives back what is not sold. Holds run on and may still be paid; what they give back later goes back, too.
    /// Call when a show ends. Idempotent.
    net::Task<Result<>> end_show(ShowId show);
    /// Opens the offer now by Redis' clock, for `duration_ms` or until `close_ms`; both 0: until the show ends.
    /// Errors: not_found, conflict (the show is not live, or a supplier is not vetted: ledger::unvetted_supplier()),
    /// invalid_input (close before now), those of Redis and ledger.
    net::Task<Result<v1::Offer>> open_offer(ShowId show, OfferId offer, std::int64_t duration_ms,
                                            std::int64_t close_ms);
    net::Task<Result<v1::Offer>> close_offer(ShowId show, OfferId offer);
    /// Changes what an offer says, also while it sells: accepted orders keep what they were placed at. Errors: not_found; conflict - it has
    /// been changed since `offer.version`; those of Redis and ledger - ask again, then conflict means that it was done.
    net::Task<Result<v1::Offer>> change_offer(v1::Offer offer, AccountId by);
    /// Tells the till about an offer that was added or changed in the ledger while the show is live; one that is being rebuilt reads it
    /// there. Idempotent.
    net::Task<Result<>> load_offer(ShowId show, OfferId offer);
    /// What can still be bought of each offer of the show, by the till; 0 where another component has run out. Empty where there is no till.
    net::Task<Result<std::vector<ledger::OfferLeft>>> left_of(ShowId show);

    /// The newest entry of the show's orders stream, empty when there is none: a ledger that has it has all that the till
    /// decided before this call. Errors: those of Redis.
    net::Task<Result<std::string>> newest_entry(ShowId show);

    /// Stock and funds of shows, changed while they sell.
    AllocationDesk& allocations() { return desk_; }

private:
    /// Gives the till, unless it is being rebuilt from the ledger, what the ledger says of the offer.
    net::Task<Result<v1::Offer>> tell_till(ShowId show, OfferId offer);

    Till& till_;
    ledger::Ledger& ledger_;
    AllocationDesk desk_{till_, ledger_};
};

}  // namespace livefair::commerce
