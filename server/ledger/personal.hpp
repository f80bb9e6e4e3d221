#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class Address;
class ListPersonalLooksResponse;
}  // namespace livefair::v1

/// People's names, phones and addresses at rest: sealed in `addresses` and `orders`, a keyed hash in accounts.phone and
/// phone_codes. Free functions over a Database; its keys are those of auth/personal_keys.hpp. Errors of all:
/// ledger_unavailable.
namespace livefair::ledger {

/// Errors: internal - the database has no keys: nothing is ever kept in plain text for want of them.
Result<std::string> seal_personal(Database& database, const std::string& text);
/// Errors: internal - of a key that the file does not hold, or damaged. What is not sealed comes back as it is.
Result<std::string> open_personal(Database& database, const std::string& sealed);
/// The phone's hash under each key, the newest first; it is what accounts.phone and phone_codes.phone hold.
/// Errors: internal - the database has no keys.
Result<std::vector<std::string>> phone_hashes(Database& database, const std::string& phone);

/// Seals what is in plain text, and what was sealed with an older key anew: at most `count` rows. Returns how many
/// there were; 0: none is left. Call it at the start until it says so.
Result<std::int64_t> seal_old_rows(Database& database, std::int64_t count);

/// Somebody of the staff saw personal data in full.
struct PersonalLook {
    ShowId show;
    OrderId order;
    AccountId by;
    std::string what;  ///< address, ship_out
    std::string why;
    std::int64_t at_ms = 0;
};
/// Rows are only added.
Result<> note_look(Database& database, const PersonalLook& look);
/// Newest first, of all shows, at most `count` before the number `before` (0: the newest).
Result<v1::ListPersonalLooksResponse> list_looks(Database& database, std::int64_t before, std::int64_t count);

/// Where an order goes, in full, and the note of who asked. Only of orders that are paid and not refunded: there is
/// nothing to ship of others. Call it inside Ledger::write(). Errors: not_found - no such order in this show; conflict
/// - nothing to ship.
Result<v1::Address> look_at_address(Database& database, const PersonalLook& look);

}  // namespace livefair::ledger
