#include "ledger/personal.hpp"

#include <livefair/v1/order.pb.h>

#include "auth/personal_keys.hpp"

namespace livefair::ledger {
namespace {

/// Where sealed texts are kept. `key`: the column of texts that tells a row; where it tells several, `place` is a number
/// that tells these apart.
struct SealedTable {
    const char* name;
    const char* key;
    const char* place;
    std::vector<const char*> columns;
};
const std::vector<SealedTable>& sealed_tables() {
    static const std::vector<SealedTable> tables = {
        {"addresses", "id", "0", {"recipient", "phone", "detail"}},
        {"orders", "id", "0", {"recipient", "phone", "detail"}},
        {"accounts", "id", "0", {"phone_sealed"}},
        {"order_consignees", "order_id", "position", {"recipient", "phone", "detail"}}};
    return tables;
}

/// `text` sealed with the newest key, whatever it was before.
Result<std::string> renewed(Database& database, const std::string& text) {
    if (text.empty()) return std::string();
    const auto* keys = database.maybe_personal_keys();
    if (keys == nullptr) return make_error_code(Errc::internal);
    if (keys->is_newest(text)) return text;
    const auto open = open_personal(database, text);
    if (!open) return open.error();
    return keys->seal(*open);
}

/// "s1.<key>." of what a key has sealed, "h1.<key>." of what it has hashed.
std::string key_prefix(const std::string& text) {
    return text.substr(0, text.find('.', text.find('.') + 1) + 1);
}

Result<std::int64_t> renew_table(Database& database, const SealedTable& table, const std::string& prefix,
                                 std::int64_t count) {
    const auto prefix_size = static_cast<std::int64_t>(prefix.size());
    std::string list, is_old;
    std::vector<Value> params;
    for (const auto* column : table.columns) {
        list += std::string(", ") + column;
        is_old += std::string(is_old.empty() ? "" : " OR ") + "(" + column + " <> '' AND substr(" + column +
                  ", 1, CAST(? AS INTEGER)) <> ?)";
        params.emplace_back(prefix_size);
        params.emplace_back(prefix);
    }
    params.emplace_back(count);
    const std::string name = table.name, key = table.key, place = table.place;
    const auto rows = database.query("SELECT " + key + ", " + place + list + " FROM " + name + " WHERE " + is_old + " LIMIT ?",
                                     std::move(params));
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const auto text = renewed(database, row.text(i + 2));
            if (!text) return text.error();
            const auto set = database.execute("UPDATE " + name + " SET " + table.columns[i] + " = ? WHERE " + key +
                                                  " = ? AND " + place + " = ?",
                                              {*text, row.text(0), row.integer(1)});
            if (!set) return set.error();
        }
    }
    return static_cast<std::int64_t>(rows->size());
}

/// Phones of accounts that stand there in plain text, or hashed with an older key: sealed beside, and hashed.
Result<std::int64_t> hash_old_phones(Database& database, const std::string& prefix, std::int64_t count) {
    const auto rows = database.query(
        "SELECT id, phone, phone_sealed FROM accounts WHERE phone IS NOT NULL AND substr(phone, 1, CAST(? AS INTEGER)) "
        "<> ? LIMIT ?",
        {static_cast<std::int64_t>(prefix.size()), prefix, count});
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        const auto phone =
            auth::PersonalKeys::is_hash(row.text(1)) ? open_personal(database, row.text(2)) : row.text(1);
        if (!phone) return phone.error();
        const auto hashes = phone_hashes(database, *phone);
        const auto sealed = seal_personal(database, *phone);
        if (!hashes) return hashes.error();
        if (!sealed) return sealed.error();
        const auto set = database.execute("UPDATE accounts SET phone = ?, phone_sealed = ? WHERE id = ?",
                                          {hashes->front(), *sealed, row.text(0)});
        if (!set) return set.error();
    }
    return static_cast<std::int64_t>(rows->size());
}

}  // namespace

Result<std::string> seal_personal(Database& database, const std::string& text) {
    const auto* keys = database.maybe_personal_keys();
    if (keys == nullptr) return make_error_code(Errc::internal);
    return keys->seal(text);
}

Result<std::string> open_personal(Database& database, const std::string& sealed) {
    const auto* keys = database.maybe_personal_keys();
    if (keys == nullptr)
        return sealed.starts_with("s1.") ? Result<std::string>(make_error_code(Errc::internal)) : sealed;
    const auto open = keys->open(sealed);
    if (!open) return make_error_code(Errc::internal);
    return open;
}

Result<std::vector<std::string>> phone_hashes(Database& database, const std::string& phone) {
    const auto* keys = database.maybe_personal_keys();
    if (keys == nullptr) return make_error_code(Errc::internal);
    return keys->hashes(phone);
}

Result<std::int64_t> seal_old_rows(Database& database, std::int64_t count) {
    const auto* keys = database.maybe_personal_keys();
    if (keys == nullptr) return make_error_code(Errc::internal);
    const auto prefix = key_prefix(keys->seal("x"));
    const auto phones = hash_old_phones(database, key_prefix(keys->hashes("x").front()), count);
    if (!phones || *phones > 0) return phones;
    for (const auto& table : sealed_tables()) {
        const auto done = renew_table(database, table, prefix, count);
        if (!done || *done > 0) return done;
    }
    return 0;
}

Result<> note_look(Database& database, const PersonalLook& look) {
    const auto noted = database.execute(
        "INSERT INTO personal_looks (id, show_id, order_id, by_account, what, why, at_ms) VALUES ((SELECT "
        "coalesce(max(id), 0) + 1 "
        "FROM personal_looks), ?, ?, ?, ?, ?, ?)",
        {look.show.str(), look.order.str(), look.by.str(), look.what, look.why, look.at_ms});
    if (!noted) return noted.error();
    return {};
}

Result<v1::ListPersonalLooksResponse> list_looks(Database& database, std::int64_t before, std::int64_t count) {
    const auto rows = database.query(
        "SELECT l.id, l.show_id, l.order_id, l.by_account, a.nickname, l.what, l.why, l.at_ms FROM personal_looks l "
        "LEFT JOIN "
        "accounts a ON a.id = l.by_account WHERE ? = 0 OR l.id < ? ORDER BY l.id DESC LIMIT ?",
        {before, before, count});
    if (!rows) return rows.error();
    v1::ListPersonalLooksResponse response;
    for (const auto& row : *rows) {
        auto& look = *response.add_looks();
        look.set_id(row.integer(0));
        look.set_show_id(row.text(1));
        look.set_order_id(row.text(2));
        look.set_by_account(row.text(3));
        look.set_by_name(row.text(4));
        look.set_what(row.text(5));
        look.set_why(row.text(6));
        look.set_at_ms(row.integer(7));
    }
    return response;
}

Result<v1::Address> look_at_address(Database& database, const PersonalLook& look) {
    const auto rows = database.query(
        "SELECT recipient, phone, region_code, region_name, detail, state, progress FROM orders WHERE id = ? AND "
        "show_id = ?",
        {look.order.str(), look.show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    constexpr std::int64_t paid = 2, refunding = 4;
    if (row.integer(5) != paid || row.integer(6) >= refunding) return make_error_code(Errc::conflict);
    const auto recipient = open_personal(database, row.text(0)), phone = open_personal(database, row.text(1)),
               detail = open_personal(database, row.text(4));
    if (!recipient || !phone || !detail) return make_error_code(Errc::internal);
    if (const auto noted = note_look(database, look); !noted) return noted.error();
    v1::Address address;
    address.set_recipient(*recipient);
    address.set_phone(*phone);
    address.set_region_code(row.text(2));
    address.set_region_name(row.text(3));
    address.set_detail(*detail);
    return address;
}

}  // namespace livefair::ledger
