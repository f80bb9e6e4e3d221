#pragma once

#include <cstdint>
#include <string>

#include "base/errc.hpp"

namespace livefair::v1 {
class ListOrganisationsResponse;
class Organisation;
}  // namespace livefair::v1

/// Who belongs to whom: organisations form a tree. Call inside Ledger::read() or Ledger::write().
namespace livefair::ledger {

class Database;

/// What an organisation is by its place: 100000 national, 430000 province, 431200 city, 431227 county.
std::string level_of_region(const std::string& code);

/// Why an organisation can't hang where it says. Federations, unions and governments are public bodies: each lies in
/// its parent's place, a level below it. An enterprise, a cooperative or a class belongs to a body of its own level or
/// above, wherever its seat is.
enum class TreeFault {
    none,
    level,   ///< Not below its parent's; for an enterprise, cooperative or class: above it.
    place,   ///< A public body outside its parent's place.
    parent,  ///< A class has nobody below it, an enterprise or cooperative no public body.
    depth,   ///< More than organisation_depth_max from the root.
    cycle,   ///< The parent is the organisation itself or below it.
    child,   ///< One that is below it now could not be there any more.
};
constexpr std::int64_t organisation_depth_max = 8;

/// Errors: not_found - the parent does not exist.
Result<TreeFault> tree_fault(Database& db, const v1::Organisation& organisation);

/// At most 1000, by name.
Result<v1::ListOrganisationsResponse> list_organisations(Database& db);
/// An empty level is that of its region. Errors: conflict - the id exists; not_found - the parent does not;
/// invalid_input - tree_fault() has a fault.
Result<> create_organisation(Database& db, const v1::Organisation& organisation, std::int64_t now_ms);
/// Writes all of it but the id. Errors: not_found - it or the parent does not exist; invalid_input - as above.
Result<> change_organisation(Database& db, const v1::Organisation& organisation);

}  // namespace livefair::ledger
