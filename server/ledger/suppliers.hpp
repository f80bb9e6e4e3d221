#pragma once

#include <cstdint>
#include <string>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class ListSuppliersResponse;
class Supplier;
}  // namespace livefair::v1

/// Who may sell, and who let them. A product without a supplier is the platform's own. Call inside Ledger::read() or
/// Ledger::write().
namespace livefair::ledger {

class Database;

/// Who changes a supplier, why and when.
struct SupplierChange {
    AccountId by;
    std::string why;
    std::int64_t at_ms = 0;
};

/// At most 1000, by name, without steps.
Result<v1::ListSuppliersResponse> list_suppliers(Database& db);
/// With all steps. Errors: not_found.
Result<v1::Supplier> find_supplier(Database& db, const OrganisationId& supplier);
/// Errors: not_found - the organisation is not in the register, in whatever state.
Result<> require_supplier(Database& db, const std::string& organisation);
/// Enters an organisation; one that was refused applies anew. `recommended_by` may be empty.
/// Errors: not_found - an organisation that is named does not exist; conflict - it has applied already.
Result<> apply_as_supplier(Database& db, const OrganisationId& supplier, const std::string& recommended_by,
                           const SupplierChange& change);
/// From applied to vetted or refused; from vetted to suspended; from suspended to vetted or refused. The state that it
/// has is no error and no step. Errors: not_found; conflict - any other step.
Result<> set_supplier_state(Database& db, const OrganisationId& supplier, int state, const SupplierChange& change);

/// The name of a supplier of the offer's goods that is not vetted; empty: all are.
Result<std::string> unvetted_supplier(Database& db, const OfferId& offer);

}  // namespace livefair::ledger
