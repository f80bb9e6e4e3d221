#include "ledger/order_terms.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>

#include "ledger/database.hpp"
#include "ledger/offer_terms.hpp"

namespace livefair::ledger {

OrderParts OrderParts::of(const std::vector<StockUnits>& lines, std::int64_t quantity) {
    OrderParts parts;
    for (auto& line : sum_units(lines, quantity)) {
        if (line.stock.starts_with('$')) {
            parts.fund_id = line.stock.substr(1);
            parts.subsidy_fen = line.units;
        } else {
            parts.goods.push_back(std::move(line));
        }
    }
    return parts;
}

Result<bool> draw_subsidy(Database& db, const ShowId& show, const std::string& fund, std::int64_t subsidy_fen) {
    const auto drawn = db.execute(
        "UPDATE fund_pools SET spent_fen = spent_fen + ? WHERE show_id = ? AND fund_id = ? AND spent_fen + ? <= leased_fen",
        {subsidy_fen, show.str(), fund, subsidy_fen});
    // An error code converts to bool, so it has to be named as the error.
    if (!drawn) return Result<bool>(boost::system::in_place_error, drawn.error());
    return *drawn == 1;
}

Result<> return_subsidy(Database& db, const ShowId& show, const std::string& fund, std::int64_t subsidy_fen) {
    const auto returned = db.execute("UPDATE fund_pools SET spent_fen = spent_fen - ? WHERE show_id = ? AND fund_id = ?",
                                     {subsidy_fen, show.str(), fund});
    if (!returned) return returned.error();
    return {};
}

Result<FrozenTerms> frozen_terms(Database& db, const OrderText& facts, std::int64_t version, const std::string& terms_now) {
    FrozenTerms frozen;
    if (facts.version == 0 || (facts.version == version && terms_now.empty())) return frozen;
    v1::Offer page;
    if (facts.version == version) {
        read_terms(terms_now, page);
    } else {
        auto then = find_page(db, OfferId(facts.offer), facts.version);
        if (!then && then.error() != Errc::not_found) return then.error();
        if (then) page = std::move(*then);
    }
    const auto& terms = page.terms();
    frozen.ship_by_ms = terms.ship_by_ms();
    const auto window = delivery_window(facts.placed_ms, {terms.delivery_days().begin(), terms.delivery_days().end()});
    frozen.deliver_from_ms = window.from_ms;
    frozen.deliver_until_ms = window.until_ms;
    if (terms.gift_rule() != v1::GIFT_RULE_SELL_WITHOUT) return frozen;
    const auto gifts = db.query("SELECT stock_id FROM offer_lines WHERE offer_id = ? AND is_gift = 1", {facts.offer});
    if (!gifts) return gifts.error();
    for (const auto& gift : *gifts) {
        const auto is_it = [&](const StockUnits& line) { return line.stock == gift.text(0); };
        if (std::none_of(facts.lines.begin(), facts.lines.end(), is_it)) frozen.without_gift = true;
    }
    return frozen;
}

}  // namespace livefair::ledger
