#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/ledger.hpp"

namespace livefair::ledger {

/// The right to project a show. `token` is higher than that of every lease of the show before it.
struct Lease {
    ShowId show;
    std::int64_t token = 0;
};

/// Says that the projector lives until `length` from now, by the database's clock; call inside Ledger::write().
Result<> prolong_projector(Database& database, const std::string& projector, std::chrono::milliseconds length);
/// Takes the show's lease for `projector` when nobody else has it or who has it was not heard of in time. Call after
/// prolong_projector() in the same transaction. Nullopt: somebody has it.
Result<std::optional<Lease>> take_lease(Database& database, const ShowId& show, const std::string& projector);
/// Call inside the transaction that depends on the leases: it and one that takes one of them can't both be committed.
/// Errors: forbidden - another has one of them: the transaction must be rolled back.
Result<> check_leases(Database& database, const std::vector<Lease>& leases);
/// Gives up all that the projector has: others may take it at once.
Result<> leave_projector(Database& database, const std::string& projector);
/// As leave_projector(), for all there are: of an SQLite file that only this program can have open.
Result<> leave_all_projectors(Database& database);

/// The leases of one projector. Lives on one executor; not thread-safe.
class LeaseBook {
public:
    /// `length`: a program that dies is followed after so long. It is heard of each third of it.
    LeaseBook(Ledger& ledger, std::chrono::milliseconds length);

    bool has(const ShowId& show) const { return tokens_.contains(show); }
    /// Takes the show's lease unless another program has it; with it comes the show's cursor as it is in the ledger.
    /// Nullopt: another has it; asked again so soon that this can't have changed, the ledger is not.
    net::Task<Result<std::optional<std::string>>> take(ShowId show);
    /// For check_leases(). A show whose lease is not here comes with a token that no lease has.
    std::vector<Lease> of(const std::vector<ShowId>& shows) const;
    /// Says that we live, when it is time to. Returns the shows whose leases others have taken; they are struck out.
    net::Task<std::vector<ShowId>> renew();
    /// renew() looks at once the next time: a lease was found lost.
    void doubt() { next_renewal_ = {}; }
    net::Task<> leave();

private:
    Ledger& ledger_;
    std::chrono::milliseconds length_;
    std::string id_;  ///< Host, process and a random part: two projectors never share one.
    std::map<ShowId, std::int64_t> tokens_;
    std::map<ShowId, std::chrono::steady_clock::time_point> next_try_;  ///< Of shows that others have.
    std::chrono::steady_clock::time_point next_renewal_;
};

}  // namespace livefair::ledger
