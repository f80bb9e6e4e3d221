#include "ledger/people.hpp"

#include <livefair/v1/account.pb.h>
#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include "base/random.hpp"
#include "ledger/database.hpp"
#include "ledger/personal.hpp"

namespace livefair::ledger {
namespace {

constexpr std::int64_t grants_per_account_max = 100;
constexpr std::int64_t addresses_per_account_max = 20;

/// An optional reference: NULL when the text is empty.
Value reference(const std::string& id) {
    return id.empty() ? Value() : Value(id);
}

/// `sql` selects one count.
Result<std::int64_t> count_of(Database& db, std::string_view sql, std::vector<Value> params) {
    const auto rows = db.query(sql, std::move(params));
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

/// Errors: not_found when an organisation is named that does not exist.
Result<> require_organisation(Database& db, const std::string& id) {
    if (id.empty()) return {};
    const auto found = count_of(db, "SELECT count(*) FROM organisations WHERE id = ?", {id});
    if (!found) return found.error();
    if (*found == 0) return Errc::not_found;
    return {};
}

Result<std::vector<auth::Grant>> grants_of(Database& db, const AccountId& account) {
    const auto rows =
        db.query("SELECT role, room_id FROM grants WHERE account_id = ? ORDER BY role DESC, room_id", {account.str()});
    if (!rows) return rows.error();
    std::vector<auth::Grant> grants;
    for (const Row& row : *rows) grants.push_back({static_cast<auth::Role>(row.integer(0)), row.text(1)});
    return grants;
}

Result<> insert_account(Database& db, const AccountId& account, const std::string& nickname, Value phone_hash,
                        const std::string& phone_sealed, std::int64_t now_ms) {
    const auto made =
        db.execute("INSERT INTO accounts (id, nickname, phone, phone_sealed, created_ms) VALUES (?, ?, ?, ?, ?)",
                   {account.str(), nickname, std::move(phone_hash), phone_sealed, now_ms});
    if (!made) return made.error();
    return {};
}

}  // namespace

std::string mask_phone(const std::string& phone) {
    if (phone.size() < 7) return phone.empty() ? "" : "****";
    return phone.substr(0, 3) + "****" + phone.substr(phone.size() - 4);
}

std::string mask_name(const std::string& name) {
    if (name.empty()) return {};
    // The first character: its first byte and the bytes that continue it.
    std::size_t end = 1;
    while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) ++end;
    return name.substr(0, end) + "**";
}

Result<v1::Account> find_account(Database& db, const AccountId& account) {
    const auto rows = db.query("SELECT nickname, phone_sealed FROM accounts WHERE id = ?", {account.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    const auto grants = grants_of(db, account);
    if (!grants) return grants.error();
    const auto phone = open_personal(db, rows->front().text(1));
    if (!phone) return phone.error();
    v1::Account found;
    found.set_id(account.str());
    found.set_nickname(rows->front().text(0));
    found.set_phone_masked(mask_phone(*phone));
    for (const auto& grant : *grants) {
        auto* added = found.add_grants();
        added->set_role(static_cast<v1::Role>(grant.role));
        added->set_room_id(grant.room_id);
    }
    return found;
}

Result<auth::Identity> find_identity(Database& db, const AccountId& account) {
    const auto rows = db.query("SELECT nickname FROM accounts WHERE id = ?", {account.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    auto grants = grants_of(db, account);
    if (!grants) return grants.error();
    return auth::Identity{account, rows->front().text(0), std::move(*grants), {}};
}

Result<AccountId> account_of_phone(Database& db, const std::string& phone, const std::string& nickname,
                                   std::int64_t now_ms) {
    const auto hashes = phone_hashes(db, phone);
    if (!hashes) return hashes.error();
    // Under an older key until seal_old_rows() has come to it.
    for (const auto& hash : *hashes) {
        const auto rows = db.query("SELECT id FROM accounts WHERE phone = ?", {hash});
        if (!rows) return rows.error();
        if (!rows->empty()) return AccountId(rows->front().text(0));
    }
    const auto sealed = seal_personal(db, phone);
    if (!sealed) return sealed.error();
    const AccountId account(random_hex(16));
    if (const auto made = insert_account(db, account, nickname, hashes->front(), *sealed, now_ms); !made) return made.error();
    return account;
}

Result<AccountId> create_staff(Database& db, const std::string& name, const std::string& password_hash,
                               const std::string& nickname, const std::vector<auth::Grant>& grants,
                               std::int64_t now_ms) {
    const auto taken = count_of(db, "SELECT count(*) FROM staff WHERE name = ?", {name});
    if (!taken) return taken.error();
    if (*taken > 0) return Errc::conflict;
    const AccountId account(random_hex(16));
    if (const auto made = insert_account(db, account, nickname, {}, {}, now_ms); !made) return made.error();
    const auto made = db.execute("INSERT INTO staff (name, account_id, password_hash) VALUES (?, ?, ?)",
                                 {name, account.str(), password_hash});
    if (!made) return made.error();
    for (const auto& grant : grants)
        if (const auto added = add_grant(db, account, grant); !added) return added.error();
    return account;
}

Result<StaffPassword> find_staff_password(Database& db, const std::string& name) {
    const auto rows = db.query("SELECT account_id, password_hash FROM staff WHERE name = ?", {name});
    if (!rows) return rows.error();
    if (rows->empty()) return StaffPassword{};
    return StaffPassword{AccountId(rows->front().text(0)), rows->front().text(1)};
}

Result<> add_grant(Database& db, const AccountId& account, const auth::Grant& grant) {
    const auto known = count_of(db, "SELECT count(*) FROM accounts WHERE id = ?", {account.str()});
    if (!known) return known.error();
    if (*known == 0) return Errc::not_found;
    const auto held = grants_of(db, account);
    if (!held) return held.error();
    for (const auto& one : *held)
        if (one == grant) return {};
    if (held->size() >= grants_per_account_max) return Errc::too_large;
    const auto added = db.execute("INSERT INTO grants (account_id, role, room_id) VALUES (?, ?, ?)",
                                  {account.str(), static_cast<std::int64_t>(grant.role), grant.room_id});
    if (!added) return added.error();
    return {};
}

Result<std::int64_t> count_operators(Database& db) {
    return count_of(db, "SELECT count(*) FROM grants WHERE role = ?",
                    {static_cast<std::int64_t>(auth::Role::site_operator)});
}

Result<> put_phone_code(Database& db, const std::string& phone, const std::string& code_hash, std::int64_t expires_ms,
                        int tries) {
    const auto hashes = phone_hashes(db, phone);
    if (!hashes) return hashes.error();
    const auto removed = db.execute("DELETE FROM phone_codes WHERE phone = ?", {hashes->front()});
    if (!removed) return removed.error();
    const auto added =
        db.execute("INSERT INTO phone_codes (phone, code_hash, expires_ms, tries_left) VALUES (?, ?, ?, ?)",
                   {hashes->front(), code_hash, expires_ms, std::int64_t{tries}});
    if (!added) return added.error();
    return {};
}

Result<CodeCheck> check_phone_code(Database& db, const std::string& phone, const std::string& code_hash,
                                   std::int64_t now_ms) {
    const auto hashes = phone_hashes(db, phone);
    if (!hashes) return hashes.error();
    const auto& hash = hashes->front();
    const auto rows = db.query("SELECT code_hash, expires_ms, tries_left FROM phone_codes WHERE phone = ?", {hash});
    if (!rows) return rows.error();
    if (rows->empty() || rows->front().integer(1) <= now_ms || rows->front().integer(2) <= 0) return CodeCheck::expired;
    // Hashes of the code with a secret salt are compared, so the comparison's time tells nothing useful.
    const bool right = rows->front().text(0) == code_hash;
    const auto changed =
        right ? db.execute("DELETE FROM phone_codes WHERE phone = ?", {hash})
              : db.execute("UPDATE phone_codes SET tries_left = tries_left - 1 WHERE phone = ?", {hash});
    if (!changed) return changed.error();
    return right ? CodeCheck::right : CodeCheck::wrong;
}

Result<v1::ListHostsResponse> list_hosts(Database& db) {
    const auto rows = db.query(
        "SELECT id, name, title, organisation_id, region_code, region_name FROM hosts ORDER BY name, id LIMIT 1000");
    if (!rows) return rows.error();
    v1::ListHostsResponse response;
    for (const Row& row : *rows) {
        auto* host = response.add_hosts();
        host->set_id(row.text(0));
        host->set_name(row.text(1));
        host->set_title(row.text(2));
        host->set_organisation_id(row.text(3));
        host->set_region_code(row.text(4));
        host->set_region_name(row.text(5));
    }
    return response;
}

Result<> create_host(Database& db, const v1::Host& host, std::int64_t now_ms) {
    if (const auto known = require_organisation(db, host.organisation_id()); !known) return known.error();
    const auto made = db.execute(
        "INSERT INTO hosts (id, name, title, organisation_id, region_code, region_name, created_ms) VALUES (?, ?, ?, "
        "?, ?, ?, ?)",
        {host.id(), host.name(), host.title(), reference(host.organisation_id()), host.region_code(),
         host.region_name(), now_ms});
    if (!made) return made.error();
    return {};
}

Result<v1::ListAddressesResponse> list_addresses(Database& db, const AccountId& account) {
    const auto rows = db.query(
        "SELECT id, recipient, phone, region_code, region_name, detail FROM addresses WHERE account_id = ? "
        "ORDER BY created_ms DESC, id LIMIT 100",
        {account.str()});
    if (!rows) return rows.error();
    v1::ListAddressesResponse response;
    for (const Row& row : *rows) {
        const auto recipient = open_personal(db, row.text(1)), phone = open_personal(db, row.text(2)),
                   detail = open_personal(db, row.text(5));
        if (!recipient || !phone || !detail) return Errc::internal;
        auto* address = response.add_addresses();
        address->set_id(row.text(0));
        address->set_recipient(*recipient);
        address->set_phone(mask_phone(*phone));
        address->set_region_code(row.text(3));
        address->set_region_name(row.text(4));
        address->set_detail(*detail);
    }
    return response;
}

Result<> create_address(Database& db, const AccountId& account, const v1::Address& address, std::int64_t now_ms) {
    const auto held = count_of(db, "SELECT count(*) FROM addresses WHERE account_id = ?", {account.str()});
    if (!held) return held.error();
    if (*held >= addresses_per_account_max) return Errc::too_large;
    const auto recipient = seal_personal(db, address.recipient()), phone = seal_personal(db, address.phone()),
               detail = seal_personal(db, address.detail());
    if (!recipient || !phone || !detail) return Errc::internal;
    const auto made = db.execute(
        "INSERT INTO addresses (id, account_id, recipient, phone, region_code, region_name, detail, created_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {address.id(), account.str(), *recipient, *phone, address.region_code(), address.region_name(), *detail, now_ms});
    if (!made) return made.error();
    return {};
}

}  // namespace livefair::ledger
