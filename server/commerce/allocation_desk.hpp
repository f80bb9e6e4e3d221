#pragma once

#include "commerce/till.hpp"
#include "ledger/allocations.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// Changes what a show may use up, in the ledger and in its till, while it sells. See ledger/allocations.hpp for the order of steps.
/// Stateless but for its references; one wherever it is needed; not thread-safe.
class AllocationDesk {
public:
    AllocationDesk(Till& till, ledger::Ledger& ledger) : till_(till), ledger_(ledger) {}

    /// Carries out a change and waits until the ledger has it. The same request again, after any error, is the same change.
    /// Errors: not_found; timed_out - it is recorded and will be settled, ask again; those of ledger and Redis.
    net::Task<Result<ledger::ChangeAnswer>> change(ledger::ChangeRequest request);
    /// Gives back all that an ended show (or, `show` empty, every one) has not sold. What can't be given back now is by sweep().
    net::Task<> give_back(ShowId show);
    /// Settles changes that were cut short, and gives back what ended shows have got since: expired holds, refunds. Call about once a second.
    net::Task<> sweep();
    /// Tells the show's till, if it is open, of stocks that it does not know. Who changes such a stock does so, too.
    net::Task<> load_stocks(ShowId show);

private:
    /// Tells the till of the allocation's open changes, in order. Errors: timed_out - the till is paused or another one is telling.
    net::Task<Result<>> settle(ledger::Allocation where);
    net::Task<Result<>> tell(ledger::Change change);
    net::Task<> give_back_rest(ledger::Allocation where);

    Till& till_;
    ledger::Ledger& ledger_;
};

}  // namespace livefair::commerce
