#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auth/roles.hpp"
#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class Account;
class Address;
class Host;
class ListAddressesResponse;
class ListHostsResponse;
}  // namespace livefair::v1

/// Accounts, staff, grants, phone codes, organisations, hosts and addresses in the ledger. Free functions for the
/// ledger's threads: call them inside Ledger::read() or Ledger::write(). They check what only the ledger knows (ids
/// that exist, references); bounds and texts are checked by the API before. Errors of all: ledger_unavailable.
namespace livefair::ledger {

class Database;

/// 138****1234: all that is shown of a phone number.
std::string mask_phone(const std::string& phone);
/// 王**: the first character of a name.
std::string mask_name(const std::string& name);

/// Errors: not_found.
Result<v1::Account> find_account(Database& db, const AccountId& account);
/// Who this account is and what it may do; session_id is empty. Errors: not_found.
Result<auth::Identity> find_identity(Database& db, const AccountId& account);
/// The account of this phone, made with `nickname` at the first sign-in; later nicknames are ignored.
Result<AccountId> account_of_phone(Database& db, const std::string& phone, const std::string& nickname,
                                   std::int64_t now_ms);

/// Makes an account with a password and grants. Errors: conflict - the name is taken.
Result<AccountId> create_staff(Database& db, const std::string& name, const std::string& password_hash,
                               const std::string& nickname, const std::vector<auth::Grant>& grants,
                               std::int64_t now_ms);
struct StaffPassword {
    AccountId account;  ///< Empty when the name is unknown.
    std::string hash;   ///< Empty when the name is unknown; auth::verify_password() takes that.
};
Result<StaffPassword> find_staff_password(Database& db, const std::string& name);
/// Adds a grant; one that exists stays. Errors: not_found - no such account; too_large - it has 100 grants.
Result<> add_grant(Database& db, const AccountId& account, const auth::Grant& grant);
Result<std::int64_t> count_operators(Database& db);

/// Keeps a code's hash for a phone, in place of an older one.
Result<> put_phone_code(Database& db, const std::string& phone, const std::string& code_hash, std::int64_t expires_ms,
                        int tries);
enum class CodeCheck { right, wrong, expired };
/// Checks a code and uses it up: a right one works once, each wrong one costs a try, and after the last try (or after
/// its time) none is right. A value, not an error, so that the lost try is committed.
Result<CodeCheck> check_phone_code(Database& db, const std::string& phone, const std::string& code_hash,
                                   std::int64_t now_ms);

/// At most 1000, by name. Errors of create: conflict - the id exists; not_found - the organisation does not.
Result<v1::ListHostsResponse> list_hosts(Database& db);
Result<> create_host(Database& db, const v1::Host& host, std::int64_t now_ms);

/// An account's addresses, newest first, phones masked.
Result<v1::ListAddressesResponse> list_addresses(Database& db, const AccountId& account);
/// Errors: conflict - the id exists; too_large - the account has 20 addresses.
Result<> create_address(Database& db, const AccountId& account, const v1::Address& address, std::int64_t now_ms);

}  // namespace livefair::ledger
