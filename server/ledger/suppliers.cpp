#include "ledger/suppliers.hpp"

#include <livefair/v1/supply.pb.h>

#include "ledger/database.hpp"

namespace livefair::ledger {
namespace {

constexpr std::string_view columns =
    "SELECT s.organisation_id, o.name, s.state, s.recommended_by FROM suppliers s JOIN organisations o ON o.id = "
    "s.organisation_id ";

void fill(v1::Supplier& supplier, const Row& row) {
    supplier.set_organisation_id(row.text(0));
    supplier.set_organisation_name(row.text(1));
    supplier.set_state(static_cast<v1::SupplierState>(row.integer(2)));
    supplier.set_recommended_by(row.text(3));
}

bool may_become(int from, int to) {
    switch (to) {
        case v1::SUPPLIER_STATE_VETTED:
            return from == v1::SUPPLIER_STATE_APPLIED || from == v1::SUPPLIER_STATE_SUSPENDED;
        case v1::SUPPLIER_STATE_SUSPENDED:
            return from == v1::SUPPLIER_STATE_VETTED;
        case v1::SUPPLIER_STATE_REFUSED:
            return from == v1::SUPPLIER_STATE_APPLIED || from == v1::SUPPLIER_STATE_SUSPENDED;
        default:
            return false;
    }
}

Result<> require_organisation(Database& db, const std::string& id) {
    const auto rows = db.query("SELECT 1 FROM organisations WHERE id = ?", {id});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    return {};
}

Result<> add_step(Database& db, const OrganisationId& supplier, std::int64_t state, const SupplierChange& change) {
    const auto added = db.execute(
        "INSERT INTO supplier_steps (organisation_id, position, state, by_account, why, at_ms) SELECT ?, "
        "coalesce(max(position), 0) + 1, ?, ?, ?, ? "
        "FROM supplier_steps WHERE organisation_id = ?",
        {supplier.str(), state, change.by.str(), change.why, change.at_ms, supplier.str()});
    if (!added) return added.error();
    return {};
}

Result<> add_steps(Database& db, v1::Supplier& supplier) {
    const auto rows = db.query(
        "SELECT t.state, t.by_account, coalesce(a.nickname, ''), t.why, t.at_ms FROM supplier_steps t LEFT JOIN "
        "accounts a ON a.id = t.by_account "
        "WHERE t.organisation_id = ? ORDER BY t.position",
        {supplier.organisation_id()});
    if (!rows) return rows.error();
    for (const Row& row : *rows) {
        auto& step = *supplier.add_steps();
        step.set_state(static_cast<v1::SupplierState>(row.integer(0)));
        step.set_by_account(row.text(1));
        step.set_by_name(row.text(2));
        step.set_why(row.text(3));
        step.set_at_ms(row.integer(4));
    }
    return {};
}

}  // namespace

Result<v1::ListSuppliersResponse> list_suppliers(Database& db) {
    const auto rows = db.query(std::string(columns) + "ORDER BY o.name, o.id LIMIT 1000");
    if (!rows) return rows.error();
    v1::ListSuppliersResponse response;
    for (const Row& row : *rows) fill(*response.add_suppliers(), row);
    return response;
}

Result<v1::Supplier> find_supplier(Database& db, const OrganisationId& supplier) {
    const auto rows = db.query(std::string(columns) + "WHERE s.organisation_id = ?", {supplier.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    v1::Supplier found;
    fill(found, rows->front());
    if (const auto added = add_steps(db, found); !added) return added.error();
    const auto open = db.query(
        "SELECT count(DISTINCT f.id) FROM offers f JOIN offer_lines l ON l.offer_id = f.id JOIN stocks k ON k.id = "
        "l.stock_id "
        "JOIN products p ON p.id = k.product_id WHERE p.supplier_id = ? AND f.state = 2",
        {supplier.str()});
    if (!open) return open.error();
    found.set_open_offers(open->front().integer(0));
    return found;
}

Result<> require_supplier(Database& db, const std::string& organisation) {
    const auto rows = db.query("SELECT 1 FROM suppliers WHERE organisation_id = ?", {organisation});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    return {};
}

Result<> apply_as_supplier(Database& db, const OrganisationId& supplier, const std::string& recommended_by,
                           const SupplierChange& change) {
    if (const auto known = require_organisation(db, supplier.str()); !known) return known.error();
    if (!recommended_by.empty())
        if (const auto known = require_organisation(db, recommended_by); !known) return known.error();
    const std::int64_t applied = v1::SUPPLIER_STATE_APPLIED, refused = v1::SUPPLIER_STATE_REFUSED;
    const auto entered = db.execute(
        "INSERT INTO suppliers (organisation_id, state, recommended_by) VALUES (?, ?, ?) ON CONFLICT (organisation_id) "
        "DO UPDATE SET "
        "state = excluded.state, recommended_by = excluded.recommended_by WHERE suppliers.state = ?",
        {supplier.str(), applied, recommended_by, refused});
    if (!entered) return entered.error();
    if (*entered == 0) return Errc::conflict;
    return add_step(db, supplier, applied, change);
}

Result<> set_supplier_state(Database& db, const OrganisationId& supplier, int state, const SupplierChange& change) {
    const auto rows = db.query("SELECT state FROM suppliers WHERE organisation_id = ?", {supplier.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    const auto now = static_cast<int>(rows->front().integer(0));
    if (now == state) return {};
    if (!may_become(now, state)) return Errc::conflict;
    const auto set =
        db.execute("UPDATE suppliers SET state = ? WHERE organisation_id = ?", {std::int64_t{state}, supplier.str()});
    if (!set) return set.error();
    return add_step(db, supplier, state, change);
}

Result<std::string> unvetted_supplier(Database& db, const OfferId& offer) {
    const auto rows = db.query(
        "SELECT o.name FROM offer_lines l JOIN stocks k ON k.id = l.stock_id JOIN products p ON p.id = k.product_id "
        "JOIN organisations o ON o.id = p.supplier_id LEFT JOIN suppliers s ON s.organisation_id = p.supplier_id "
        "WHERE l.offer_id = ? AND coalesce(s.state, 0) <> ? ORDER BY l.position LIMIT 1",
        {offer.str(), std::int64_t{v1::SUPPLIER_STATE_VETTED}});
    if (!rows) return rows.error();
    return rows->empty() ? std::string() : rows->front().text(0);
}

}  // namespace livefair::ledger
