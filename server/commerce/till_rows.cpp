#include "commerce/till_rows.hpp"

#include <livefair/v1/catalog.pb.h>

#include <map>

#include "ledger/allocations.hpp"
#include "ledger/order_text.hpp"

namespace livefair::commerce {

using ledger::Database;
using ledger::OrderText;
using ledger::StreamId;

namespace {

const char* state_word(v1::OfferState state) {
    switch (state) {
        case v1::OFFER_STATE_OPEN:
            return "open";
        case v1::OFFER_STATE_CLOSED:
            return "closed";
        default:
            return "draft";
    }
}

/// "stock:units,..." of the goods of an offer, or of its gifts.
std::string joined_lines(const v1::Offer& offer, bool gifts) {
    std::string lines;
    for (const auto& line : offer.lines()) {
        if (line.is_gift() != gifts) continue;
        if (!lines.empty()) lines += ',';
        lines += line.stock_id() + ":" + std::to_string(line.quantity());
    }
    return lines;
}

/// The offer's terms in the words of till_terms.lua; empty when its price is its price.
std::string till_terms(const v1::Offer& offer) {
    const auto& terms = offer.terms();
    std::string text;
    const auto add = [&text](const std::string& name, const std::string& value) {
        if (!value.empty()) text += (text.empty() ? "" : ";") + name + "=" + value;
    };
    std::string tiers, days;
    for (const auto& tier : terms.tiers())
        tiers += (tiers.empty() ? "" : ",") + std::to_string(tier.from_quantity()) + ":" + std::to_string(tier.price_fen());
    for (const auto day : terms.order_days()) days += std::to_string(day);
    add("tiers", tiers);
    if (terms.flash_price_fen() > 0)
        add("flash", std::to_string(terms.flash_price_fen()) + ":" + std::to_string(terms.flash_from_ms()) + ":" +
                         std::to_string(terms.flash_until_ms()));
    if (terms.subsidy_fen() > 0) add("subsidy", "$" + terms.fund_id() + ":" + std::to_string(terms.subsidy_fen()));
    add("days", days);
    add("gifts", joined_lines(offer, true));
    if (terms.gift_rule() == v1::GIFT_RULE_SELL_WITHOUT) add("gift_rule", "sell_without");
    return text;
}

/// Both columns of each row as texts, one after the other.
std::vector<std::string> pairs_of(const std::vector<ledger::Row>& rows) {
    std::vector<std::string> pairs;
    for (const auto& row : rows) {
        pairs.push_back(row.text(0));
        pairs.push_back(std::to_string(row.integer(1)));
    }
    return pairs;
}

/// Orders of one page, by id.
using Page = std::map<std::string, OrderText>;

Result<Page> read_page(Database& database, const ShowId& show, const OrderId& after, std::int64_t count) {
    const auto rows = database.query(
        "SELECT id, state, buyer_id, offer_id, quantity, address_id, unit_price_fen, amount_fen, placed_ms, "
        "hold_until_ms, left_after, stream_id, offer_version, fund_id, subsidy_fen "
        "FROM orders WHERE show_id = ? AND id > ? ORDER BY id LIMIT ?",
        {show.str(), after.str(), count});
    if (!rows) return rows.error();
    Page page;
    for (const auto& row : *rows) {
        auto& order = page[row.text(0)];
        order.state = static_cast<ledger::OrderState>(row.integer(1));
        order.buyer = row.text(2);
        order.offer = row.text(3);
        order.quantity = row.integer(4);
        order.address = row.text(5);
        order.unit_price_fen = row.integer(6);
        order.amount_fen = row.integer(7);
        order.placed_ms = row.integer(8);
        order.hold_until_ms = row.integer(9);
        order.left_after = row.integer(10);
        order.placed_id = row.text(11);
        order.last_id = row.text(11);
        order.version = row.integer(12);
        if (row.integer(14) > 0) order.lines.push_back({"$" + row.text(13), row.integer(14) / order.quantity});
    }
    return page;
}

Result<> add_lines(Database& database, const ShowId& show, Page& page) {
    const auto rows = database.query(
        "SELECT l.order_id, l.stock_id, l.units FROM order_lines l JOIN orders o ON o.id = l.order_id "
        "WHERE o.show_id = ? AND o.id >= ? AND o.id <= ? ORDER BY l.order_id, l.position",
        {show.str(), page.begin()->first, page.rbegin()->first});
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        auto& order = page[row.text(0)];
        // The subsidy stays behind the goods.
        const bool has_subsidy = !order.lines.empty() && order.lines.back().stock.starts_with('$');
        order.lines.insert(order.lines.end() - (has_subsidy ? 1 : 0),
                           ledger::StockUnits{row.text(1), row.integer(2) / order.quantity});
    }
    return {};
}

/// What the till keeps of an event beside the order's payments (see till.lua); empty when it is nothing of them.
std::string payment_text(const std::string& kind, const std::string& detail) {
    if (kind == "paid") return detail + "=paid";
    if (kind == "refund_due") return detail + "=refund";
    if (kind == "refunded") return "refund:" + detail + "=back";
    return {};
}

Result<> add_events(Database& database, const ShowId& show, Page& page) {
    const auto rows = database.query(
        "SELECT e.order_id, e.stream_id, e.kind, e.detail FROM order_events e JOIN orders o ON o.id = e.order_id "
        "WHERE o.show_id = ? AND o.id >= ? AND o.id <= ? ORDER BY e.at_ms, length(e.stream_id), e.stream_id",
        {show.str(), page.begin()->first, page.rbegin()->first});
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        auto& order = page[row.text(0)];
        if (StreamId::parse(order.last_id) < StreamId::parse(row.text(1))) order.last_id = row.text(1);
        const auto what = payment_text(row.text(2), row.text(3));
        if (what.empty()) continue;
        if (!order.payments.empty()) order.payments += ',';
        order.payments += what + "@" + row.text(1);
    }
    return {};
}

}  // namespace

std::vector<std::string> offer_fields(const v1::Offer& offer) {
    const auto lines = joined_lines(offer, false);
    return {"open_ms",  std::to_string(offer.open_ms()),
            "close_ms", std::to_string(offer.close_ms()),
            "price",    std::to_string(offer.price_fen()),
            "limit",    std::to_string(offer.limit_per_buyer()),
            "hold_ms",  std::to_string(offer.hold_ms()),
            "state",    state_word(offer.state()),
            "lines",    lines,
            "version",  std::to_string(offer.version()),
            "terms",    till_terms(offer)};
}

Result<std::vector<std::string>> left_fields(Database& database, const ShowId& show, const OfferId& offer) {
    const auto rows = database.query(
        "SELECT s.id, s.total - s.committed FROM stocks s WHERE s.show_id = ? AND (? = '' OR s.id IN "
        "(SELECT stock_id FROM offer_lines WHERE offer_id = ?)) ORDER BY s.id",
        {show.str(), offer.str(), offer.str()});
    if (!rows) return rows.error();
    auto newest = ledger::newest_settled(database, show);
    if (!newest) return newest.error();
    std::vector<std::string> fields;
    for (const auto& row : *rows) {
        fields.push_back(row.text(0));
        fields.push_back(std::to_string(row.integer(1)));
        fields.push_back(std::to_string((*newest)["left:" + row.text(0)]));
    }
    return fields;
}

Result<std::map<std::string, std::string>> allocation_fields(Database& database, const ShowId& show) {
    const auto rows = database.query(
        "SELECT 'left:' || id, total - committed FROM stocks WHERE show_id = ? UNION ALL "
        "SELECT 'pool:' || fund_id, leased_fen - spent_fen FROM fund_pools WHERE show_id = ?",
        {show.str(), show.str()});
    if (!rows) return rows.error();
    std::map<std::string, std::string> fields;
    for (const auto& row : *rows) fields[row.text(0)] = std::to_string(row.integer(1));
    return fields;
}

Result<std::vector<std::string>> opening_fields(Database& database, const ShowId& show) {
    const auto allocations = allocation_fields(database, show);
    if (!allocations) return allocations.error();
    const auto newest = ledger::newest_settled(database, show);
    if (!newest) return newest.error();
    std::vector<std::string> fields;
    for (const auto& [field, left] : *allocations) {
        fields.push_back(field);
        fields.push_back(left);
    }
    for (const auto& [field, number] : *newest) {
        fields.push_back("change:" + field);
        fields.push_back(std::to_string(number));
    }
    return fields;
}

Result<std::vector<std::string>> limit_fields(Database& database, const OfferId& offer) {
    const auto rows = database.query(
        "SELECT buyer_id, CAST(sum(quantity - restocked_quantity) AS BIGINT) FROM orders WHERE offer_id = ? AND state IN (1, "
        "2) GROUP BY buyer_id HAVING sum(quantity - restocked_quantity) > 0 ORDER BY buyer_id",
        {offer.str()});
    if (!rows) return rows.error();
    return pairs_of(*rows);
}

Result<std::vector<OrderKey>> order_keys_after(Database& database, const ShowId& show, const OrderId& after,
                                               std::int64_t count) {
    auto page = read_page(database, show, after, count);
    if (!page) return page.error();
    std::vector<OrderKey> keys;
    if (page->empty()) return keys;
    if (const auto added = add_lines(database, show, *page); !added) return added.error();
    if (const auto added = add_events(database, show, *page); !added) return added.error();
    for (const auto& [id, order] : *page) {
        keys.push_back({OrderId(id), order.text(), order.hold_until_ms, order.state == ledger::OrderState::reserved});
    }
    return keys;
}

Result<std::vector<std::string>> order_ids_of_offer(Database& database, const ShowId& show, const OfferId& offer,
                                                    const OrderId& after, std::int64_t count) {
    const auto rows =
        database.query("SELECT id FROM orders WHERE show_id = ? AND id > ? AND offer_id = ? ORDER BY id LIMIT ?",
                       {show.str(), after.str(), offer.str(), count});
    if (!rows) return rows.error();
    std::vector<std::string> ids;
    ids.reserve(rows->size());
    for (const auto& row : *rows) ids.push_back(row.text(0));
    return ids;
}

}  // namespace livefair::commerce
