#include "ledger/offer_lines.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>

#include "base/money.hpp"
#include "ledger/catalog.hpp"
#include "ledger/database.hpp"
#include "ledger/offer_terms.hpp"
#include "ledger/placed_orders.hpp"

namespace livefair::ledger {
namespace {

constexpr std::string_view bundle_unit = "份";

/// 新晃、紫阳: each county once.
void add_origin_name(v1::Offer& offer, const std::string& name, std::vector<std::string>& seen) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return;
    seen.push_back(name);
    offer.set_origin_name(offer.origin_name().empty() ? name : offer.origin_name() + "、" + name);
}

/// Weight in grams of each line's part of one offer. Errors: not_found - no such stock; invalid_input - stock of
/// another show.
Result<std::vector<std::int64_t>> weights_of(Database& db, const v1::Offer& offer) {
    std::vector<std::int64_t> weights;
    for (const auto& line : offer.lines()) {
        const auto rows = db.query(
            "SELECT s.show_id, p.net_weight_g FROM stocks s JOIN products p ON p.id = s.product_id WHERE s.id = ?",
            {line.stock_id()});
        if (!rows) return rows.error();
        if (rows->empty()) return Errc::not_found;
        if (rows->front().text(0) != offer.show_id()) return Errc::invalid_input;
        const auto weight = Grams(rows->front().integer(1)).times(line.quantity());
        if (!weight) return weight.error();
        weights.push_back(weight->value());
    }
    return weights;
}

/// The price split by weight among the lines that are no gifts.
Result<std::vector<std::int64_t>> split_by_weight(const v1::Offer& offer, std::vector<std::int64_t> weights) {
    bool has_goods = false;
    for (int i = 0; i < offer.lines_size(); ++i) {
        if (offer.lines(i).is_gift()) weights[static_cast<std::size_t>(i)] = 0;
        else has_goods = true;
    }
    if (!has_goods) return Errc::invalid_input;
    return split_amount(offer.price_fen(), weights);
}

/// The shares as given, or split by weight when all are 0. Errors: invalid_input - they do not add up to the price, or a gift has one.
Result<std::vector<std::int64_t>> shares_of(Database& db, const v1::Offer& offer) {
    const auto weights = weights_of(db, offer);
    if (!weights) return weights.error();
    std::vector<std::int64_t> shares;
    Fen sum(0);
    for (const auto& line : offer.lines()) {
        const auto more = sum.plus(Fen(line.share_fen()));
        if (!more || line.share_fen() < 0 || (line.is_gift() && line.share_fen() != 0)) return Errc::invalid_input;
        sum = *more;
        shares.push_back(line.share_fen());
    }
    if (sum == Fen(0)) return split_by_weight(offer, *weights);
    if (sum != Fen(offer.price_fen())) return Errc::invalid_input;
    return shares;
}

Result<std::int64_t> next_number(Database& db, const std::string& show) {
    const auto rows = db.query("SELECT coalesce(max(number), 0) + 1 FROM offers WHERE show_id = ?", {show});
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

}  // namespace

Result<> read_offer_lines(Database& db, v1::Offer& offer) {
    const auto rows = db.query(
        "SELECT l.stock_id, l.quantity, l.share_fen, s.product_id, s.total - s.committed, p.unit, p.net_weight_g, "
        "p.origin_code, "
        "p.origin_name, p.supplier_name, p.supplier_contact, p.picture_url, l.is_gift, p.age_min "
        "FROM offer_lines l JOIN stocks s ON s.id = l.stock_id JOIN products p ON p.id = s.product_id "
        "WHERE l.offer_id = ? ORDER BY l.position",
        {offer.id()});
    if (!rows) return rows.error();
    std::vector<std::string> origins;
    int sold = 0;
    for (const Row& row : *rows) {
        const bool is_first = sold == 0;
        auto* line = offer.add_lines();
        line->set_stock_id(row.text(0));
        line->set_quantity(row.integer(1));
        line->set_share_fen(row.integer(2));
        line->set_product_id(row.text(3));
        line->set_is_gift(row.integer(12) != 0);
        offer.set_age_min(std::max(offer.age_min(), static_cast<std::int32_t>(row.integer(13))));
        // Whether it is sold without its gift is the offer's rule; what can be bought is a question of the goods.
        if (line->is_gift()) continue;
        const auto left = row.integer(4) / line->quantity();
        offer.set_left(is_first ? left : std::min(offer.left(), left));
        // Bounded by the tables' CHECKs: 1000 units of 10^9 g in each of 20 lines.
        offer.set_net_weight_g(offer.net_weight_g() + row.integer(6) * line->quantity());
        add_origin_name(offer, row.text(8), origins);
        ++sold;
        if (!is_first) continue;
        offer.set_unit(line->quantity() == 1 ? row.text(5) : std::string(bundle_unit));
        offer.set_origin_code(row.text(7));
        offer.set_supplier_name(row.text(9));
        offer.set_supplier_contact(row.text(10));
        offer.set_picture_url(row.text(11));
    }
    if (sold > 1) offer.set_unit(std::string(bundle_unit));
    return {};
}

Result<> insert_offer_lines(Database& db, const v1::Offer& offer) {
    const auto shares = shares_of(db, offer);
    if (!shares) return shares.error();
    for (int i = 0; i < offer.lines_size(); ++i) {
        const auto added = db.execute(
            "INSERT INTO offer_lines (offer_id, position, stock_id, quantity, share_fen, is_gift) VALUES (?, ?, ?, ?, ?, ?)",
            {offer.id(), std::int64_t{i + 1}, offer.lines(i).stock_id(), offer.lines(i).quantity(),
             (*shares)[static_cast<std::size_t>(i)], std::int64_t{offer.lines(i).is_gift()}});
        if (!added) return added.error();
    }
    return {};
}

Result<> create_offer(Database& db, const v1::Offer& offer, std::int64_t now_ms) {
    const auto show = room_of_show(db, ShowId(offer.show_id()));
    if (!show) return show.error();
    if (!offer.segment_id().empty()) {
        const auto segment = find_segment(db, SegmentId(offer.segment_id()));
        if (!segment) return segment.error();
        if (segment->show_id() != offer.show_id()) return Errc::invalid_input;
    }
    if (const auto known = require_fund(db, offer); !known) return known.error();
    std::int64_t number = offer.number();
    if (number == 0) {
        const auto next = next_number(db, offer.show_id());
        if (!next) return next.error();
        number = *next;
    }
    const auto made = db.execute(
        "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
        "limit_per_buyer, "
        "hold_ms, open_ms, close_ms, state, segment_id, created_ms, terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, "
        "?, ?, ?)",
        {offer.id(), offer.show_id(), number, offer.title(), std::int64_t{offer.kind()}, offer.price_fen(),
         offer.list_price_fen(), offer.list_price_basis(), offer.limit_per_buyer(), offer.hold_ms(),
         std::int64_t{v1::OFFER_STATE_DRAFT}, offer.segment_id().empty() ? Value() : Value(offer.segment_id()),
         now_ms, terms_text(offer)});
    if (!made) return made.error();
    if (const auto lines = insert_offer_lines(db, offer); !lines) return lines.error();
    return keep_page(db, OfferId(offer.id()), {}, now_ms);
}

}  // namespace livefair::ledger
