#pragma once

#include <cstdint>
#include <string>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class League;
class ListSalesFlagsResponse;
class OrganisationFacts;
}  // namespace livefair::v1

/// Who buys how much: organisations beside each other, and buyers that a person should look at. Free functions over a
/// Database: call them inside Ledger::read() or write(). Errors of all: ledger_unavailable.
namespace livefair::ledger {

struct LeagueQuestion {
    std::int64_t from_ms = 0;   ///< Orders paid after it...
    std::int64_t as_of_ms = 0;  ///< ...and until then, less what of them had gone back by then.
    ShowId show;                ///< Empty: of all shows.
};
/// Organisations that have members or have bought: what each bought beside its share, by members, of what those with
/// members bought together. Never anything of a person. The members are those stated now.
Result<v1::League> league(Database& database, const LeagueQuestion& question);

/// Errors: not_found - no such organisation.
Result<> set_organisation_facts(Database& database, const std::string& organisation,
                                const v1::OrganisationFacts& facts);

/// Buyers of the show with repeated refunds, and single payers of a large part of it; at most 200 of each.
Result<v1::ListSalesFlagsResponse> sales_flags(Database& database, const ShowId& show, std::int64_t as_of_ms);

}  // namespace livefair::ledger
