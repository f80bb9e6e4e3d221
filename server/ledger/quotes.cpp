#include "ledger/quotes.hpp"

#include <livefair/v1/bulk.pb.h>

#include <tuple>

#include "ledger/consignees.hpp"
#include "ledger/deal_rules.hpp"

namespace livefair::ledger {
namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

/// What a quote names becomes the order, once. Returns whether it could.
Result<std::int64_t> convert(Database& database, const std::string& table, std::int64_t from, std::int64_t to,
                             const std::string& id, const std::string& order) {
    if (id.empty()) return 1;
    return database.execute("UPDATE " + table + " SET state = ?, order_id = ? WHERE id = ? AND state = ?",
                            {to, order, id, from});
}

constexpr const char* quote_columns =
    "SELECT id, show_id, offer_id, organisation_id, kind, unit_price_fen, count_min, valid_until_ms, beneficiary, "
    "intent_id, agreement_id, state, "
    "made_ms, order_id FROM quotes ";

void fill(const Row& row, v1::Quote& quote) {
    quote.set_id(row.text(0));
    quote.set_show_id(row.text(1));
    quote.set_offer_id(row.text(2));
    quote.set_organisation_id(row.text(3));
    quote.set_kind(static_cast<v1::OrderKind>(row.integer(4)));
    quote.set_unit_price_fen(row.integer(5));
    quote.set_count_min(row.integer(6));
    quote.set_valid_until_ms(row.integer(7));
    quote.set_beneficiary(row.text(8));
    quote.set_intent_id(row.text(9));
    quote.set_agreement_id(row.text(10));
    quote.set_state(static_cast<v1::QuoteState>(row.integer(11)));
    quote.set_made_ms(row.integer(12));
    quote.set_order_id(row.text(13));
}

DirectOrder direct_order_of(const v1::Quote& quote, const v1::QuoteOrder& order, const Actor& actor) {
    DirectOrder direct;
    direct.id = OrderId(order.order_id());
    direct.show = ShowId(quote.show_id());
    direct.offer = OfferId(quote.offer_id());
    direct.kind = static_cast<OrderKind>(quote.kind());
    direct.count = order.count();
    direct.unit_price_fen = quote.unit_price_fen();
    direct.organisation = quote.organisation_id();
    direct.quote = quote.id();
    direct.beneficiary = quote.beneficiary();
    direct.invoice_title = order.invoice_title();
    direct.tax_number = order.tax_number();
    direct.by = actor.by;
    direct.at_ms = actor.at_ms;
    return direct;
}

}  // namespace

Result<> create_quote(Database& database, const v1::Quote& quote, const Actor& actor) {
    TRY(require_new(database, "quotes", quote.id()));
    TRY(require(database,
                "SELECT 1 FROM offers o JOIN shows s ON s.id = o.show_id WHERE o.id = ? AND s.id = ? AND s.channel = 3",
                {quote.offer_id(), quote.show_id()}));
    TRY(require(database, "SELECT 1 FROM organisations WHERE id = ?", {quote.organisation_id()}));
    if (!quote.intent_id().empty())
        TRY(require(database, "SELECT 1 FROM purchase_intents WHERE id = ? AND show_id = ? AND organisation_id = ?",
                    {quote.intent_id(), quote.show_id(), quote.organisation_id()}, Errc::invalid_input));
    if (!quote.agreement_id().empty())
        TRY(require(database, "SELECT 1 FROM supply_agreements WHERE id = ? AND buyer_id = ?",
                    {quote.agreement_id(), quote.organisation_id()}, Errc::invalid_input));
    TRY(
        database.execute("INSERT INTO quotes (id, show_id, offer_id, organisation_id, kind, unit_price_fen, count_min, "
                         "valid_until_ms, beneficiary, intent_id, "
                         "agreement_id, state, made_by, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
                         {quote.id(), quote.show_id(), quote.offer_id(), quote.organisation_id(),
                          std::int64_t{quote.kind()}, quote.unit_price_fen(), quote.count_min(), quote.valid_until_ms(),
                          quote.beneficiary(), quote.intent_id(), quote.agreement_id(), actor.by.str(), actor.at_ms}));
    return {};
}

Result<v1::ListQuotesResponse> list_quotes(Database& database, const ShowId& show) {
    const auto rows = database.query(
        std::string(quote_columns) + "WHERE show_id = ? ORDER BY made_ms DESC, id LIMIT 200", {show.str()});
    if (!rows) return rows.error();
    v1::ListQuotesResponse response;
    for (const auto& row : *rows) fill(row, *response.add_quotes());
    return response;
}

Result<> withdraw_quote(Database& database, const ShowId& show, const std::string& quote) {
    return move_deal(database, "quotes", "id = ? AND show_id = ?", {quote, show.str()}, "1", v1::QUOTE_STATE_WITHDRAWN);
}

Result<QuoteAnswer> order_by_quote(Database& database, const ShowId& show, const std::string& id,
                                   const v1::QuoteOrder& order, const Actor& actor) {
    const auto rows = database.query(std::string(quote_columns) + "WHERE id = ? AND show_id = ?", {id, show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    v1::Quote quote;
    fill(rows->front(), quote);
    const bool is_repeated = quote.state() == v1::QUOTE_STATE_ORDERED && quote.order_id() == order.order_id();
    if (!is_repeated) {
        if (quote.state() != v1::QUOTE_STATE_OPEN) return QuoteAnswer{QuoteOutcome::not_open};
        if (actor.at_ms >= quote.valid_until_ms()) return QuoteAnswer{QuoteOutcome::expired};
        if (order.count() < quote.count_min()) return QuoteAnswer{QuoteOutcome::below_minimum};
        if (!do_consignees_add_up(order.consignees(), order.count()))
            return QuoteAnswer{QuoteOutcome::refused, DirectOutcome::bad_consignees};
        for (const auto& [table, named, state] :
             {std::tuple("purchase_intents", quote.intent_id(), std::int64_t{v1::INTENT_STATE_OPEN}),
              std::tuple("supply_agreements", quote.agreement_id(), std::int64_t{v1::AGREEMENT_STATE_SIGNED})}) {
            if (named.empty()) continue;
            const auto usable =
                database.query(std::string("SELECT 1 FROM ") + table + " WHERE id = ? AND state = ?", {named, state});
            if (!usable) return usable.error();
            if (usable->empty()) return QuoteAnswer{QuoteOutcome::used_intent};
        }
    }
    const auto placed = place_direct(database, direct_order_of(quote, order, actor));
    if (!placed) return placed.error();
    if (*placed != DirectOutcome::taken) return QuoteAnswer{QuoteOutcome::refused, *placed};
    const auto kept = keep_consignees(database, OrderId(order.order_id()), order.consignees());
    if (!kept) return kept.error();
    if (*kept != DirectOutcome::taken) return QuoteAnswer{QuoteOutcome::refused, *kept};
    if (is_repeated) return QuoteAnswer{};

    const auto used = database.execute("UPDATE quotes SET state = 2, order_id = ? WHERE id = ? AND state = 1",
                                       {order.order_id(), id});
    if (!used) return used.error();
    const auto intent = convert(database, "purchase_intents", v1::INTENT_STATE_OPEN, v1::INTENT_STATE_CONVERTED,
                                quote.intent_id(), order.order_id());
    if (!intent) return intent.error();
    const auto agreement = convert(database, "supply_agreements", v1::AGREEMENT_STATE_SIGNED,
                                   v1::AGREEMENT_STATE_CONVERTED, quote.agreement_id(), order.order_id());
    if (!agreement) return agreement.error();
    // Read above, in this transaction: only another connection can have been faster.
    if (*used == 0 || *intent == 0 || *agreement == 0) return make_error_code(Errc::conflict);
    return QuoteAnswer{};
}

#undef TRY

}  // namespace livefair::ledger
