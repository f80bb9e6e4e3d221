#pragma once

#include <cstdint>
#include <map>

#include "base/id.hpp"
#include "commerce/sales.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// Tells tills of offers that are newer in the ledger: who opened, closed or changed one may have died before the till was told, or met a till
/// that was being rebuilt from what the ledger had before. One per ledger; not thread-safe.
class OfferTeller {
public:
    OfferTeller(Till& till, ledger::Ledger& ledger, Sales& sales) : till_(till), ledger_(ledger), sales_(sales) {}

    /// Looks at one show whose till is open on the server `run_id`. Call about once a second. Asks Redis only about versions that it has not seen there.
    net::Task<> sweep(ShowId show, std::string run_id);

private:
    /// True: the till has this version or a newer one.
    net::Task<bool> knows(ShowId show, OfferId offer, std::int64_t version);

    Till& till_;
    ledger::Ledger& ledger_;
    Sales& sales_;
    std::map<OfferId, std::int64_t> known_;  ///< Versions that tills were seen to have; a rebuild never brings an older one.
};

}  // namespace livefair::commerce
