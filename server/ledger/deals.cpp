#include <livefair/v1/bulk.pb.h>

#include "ledger/deal_rules.hpp"
#include "ledger/quotes.hpp"

namespace livefair::ledger {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

Result<> create_intent(Database& database, const v1::PurchaseIntent& intent, const Actor& actor) {
    TRY(require_new(database, "purchase_intents", intent.id()));
    TRY(require(database, "SELECT 1 FROM organisations WHERE id = ?", {intent.organisation_id()}));
    TRY(require(database, "SELECT 1 FROM products WHERE id = ?", {intent.product_id()}));
    TRY(
        database.execute("INSERT INTO purchase_intents (id, show_id, organisation_id, product_id, count, "
                         "hoped_price_fen, note, state, made_by, made_ms) VALUES (?, ?, "
                         "?, ?, ?, ?, ?, 1, ?, ?)",
                         {intent.id(), intent.show_id(), intent.organisation_id(), intent.product_id(), intent.count(),
                          intent.hoped_price_fen(), intent.note(), actor.by.str(), actor.at_ms}));
    return {};
}

Result<v1::ListIntentsResponse> list_intents(Database& database, const ShowId& show) {
    const auto rows = database.query(
        "SELECT id, show_id, organisation_id, product_id, count, hoped_price_fen, note, state, made_ms, order_id FROM "
        "purchase_intents WHERE show_id = "
        "? ORDER BY made_ms DESC, id LIMIT 200",
        {show.str()});
    if (!rows) return rows.error();
    v1::ListIntentsResponse response;
    for (const auto& row : *rows) {
        auto& intent = *response.add_intents();
        intent.set_id(row.text(0));
        intent.set_show_id(row.text(1));
        intent.set_organisation_id(row.text(2));
        intent.set_product_id(row.text(3));
        intent.set_count(row.integer(4));
        intent.set_hoped_price_fen(row.integer(5));
        intent.set_note(row.text(6));
        intent.set_state(static_cast<v1::IntentState>(row.integer(7)));
        intent.set_made_ms(row.integer(8));
        intent.set_order_id(row.text(9));
    }
    return response;
}

Result<> withdraw_intent(Database& database, const ShowId& show, const std::string& intent) {
    return move_deal(database, "purchase_intents", "id = ? AND show_id = ?", {intent, show.str()}, "1",
                     v1::INTENT_STATE_WITHDRAWN);
}

Result<> create_agreement(Database& database, const v1::SupplyAgreement& agreement, const Actor& actor) {
    TRY(require_new(database, "supply_agreements", agreement.id()));
    for (const auto& organisation : {agreement.supplier_id(), agreement.buyer_id()})
        TRY(require(database, "SELECT 1 FROM organisations WHERE id = ?", {organisation}));
    TRY(require(database, "SELECT 1 FROM products WHERE id = ?", {agreement.product_id()}));
    TRY(
        database.execute("INSERT INTO supply_agreements (id, supplier_id, buyer_id, product_id, count, unit_price_fen, "
                         "from_ms, until_ms, note, state, made_by, "
                         "made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
                         {agreement.id(), agreement.supplier_id(), agreement.buyer_id(), agreement.product_id(),
                          agreement.count(), agreement.unit_price_fen(), agreement.from_ms(), agreement.until_ms(),
                          agreement.note(), actor.by.str(), actor.at_ms}));
    return {};
}

Result<v1::ListAgreementsResponse> list_agreements(Database& database) {
    const auto rows = database.query(
        "SELECT id, supplier_id, buyer_id, product_id, count, unit_price_fen, from_ms, until_ms, note, state, made_ms, "
        "order_id FROM "
        "supply_agreements ORDER BY made_ms DESC, id LIMIT 200");
    if (!rows) return rows.error();
    v1::ListAgreementsResponse response;
    for (const auto& row : *rows) {
        auto& agreement = *response.add_agreements();
        agreement.set_id(row.text(0));
        agreement.set_supplier_id(row.text(1));
        agreement.set_buyer_id(row.text(2));
        agreement.set_product_id(row.text(3));
        agreement.set_count(row.integer(4));
        agreement.set_unit_price_fen(row.integer(5));
        agreement.set_from_ms(row.integer(6));
        agreement.set_until_ms(row.integer(7));
        agreement.set_note(row.text(8));
        agreement.set_state(static_cast<v1::AgreementState>(row.integer(9)));
        agreement.set_made_ms(row.integer(10));
        agreement.set_order_id(row.text(11));
    }
    return response;
}

Result<> sign_agreement(Database& database, const std::string& agreement) {
    return move_deal(database, "supply_agreements", "id = ?", {agreement}, "1", v1::AGREEMENT_STATE_SIGNED);
}

Result<> end_agreement(Database& database, const std::string& agreement) {
    return move_deal(database, "supply_agreements", "id = ?", {agreement}, "1, 2", v1::AGREEMENT_STATE_ENDED);
}

#undef TRY

}  // namespace livefair::ledger
