#include "ledger/offer_terms.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/catalog.pb.h>

#include <algorithm>

#include "base/check.hpp"
#include "ledger/catalog.hpp"
#include "ledger/database.hpp"
#include "ledger/placed_orders.hpp"

namespace livefair::ledger {
namespace {

constexpr std::int64_t day_ms = 86'400'000, utc_plus_8_ms = 8 * 3'600'000;

std::string to_json(const google::protobuf::Message& message) {
    std::string text;
    LF_CHECK(google::protobuf::util::MessageToJsonString(message, &text).ok());
    return text;
}

/// 1 Monday to 7 Sunday; day 0 was a Thursday.
int weekday(std::int64_t day) {
    return static_cast<int>((day + 3) % 7) + 1;
}

}  // namespace

std::string terms_text(const v1::Offer& offer) {
    return offer.has_terms() && offer.terms().ByteSizeLong() > 0 ? to_json(offer.terms()) : std::string();
}

void read_terms(const std::string& text, v1::Offer& offer) {
    if (text.empty()) return;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;  // written by a newer version
    // The text is ours; one that can't be read is a fault that must not sell at another price.
    LF_CHECK(google::protobuf::util::JsonStringToMessage(text, offer.mutable_terms(), options).ok());
}

Result<> require_fund(Database& db, const v1::Offer& offer) {
    if (offer.terms().fund_id().empty()) return {};
    const auto known = db.query("SELECT 1 FROM funds WHERE id = ?", {offer.terms().fund_id()});
    if (!known) return known.error();
    if (known->empty()) return Errc::not_found;
    return {};
}

Result<> keep_page(Database& db, const OfferId& offer, const std::string& by_account, std::int64_t now_ms) {
    auto page = find_offer(db, offer);
    if (!page) return page.error();
    page->clear_left();
    page->clear_state();
    const auto kept = db.execute("INSERT INTO offer_versions (offer_id, version, made_ms, by_account, page) VALUES (?, ?, ?, ?, ?)",
                                 {offer.str(), page->version(), now_ms, by_account, to_json(*page)});
    if (!kept) return kept.error();
    return {};
}

Result<v1::Offer> find_page(Database& db, const OfferId& offer, std::int64_t version) {
    const auto rows = db.query("SELECT page FROM offer_versions WHERE offer_id = ? AND version <= ? ORDER BY version DESC LIMIT 1",
                               {offer.str(), version});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    v1::Offer page;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    if (!google::protobuf::util::JsonStringToMessage(rows->front().text(0), &page, options).ok()) return Errc::internal;
    page.set_version(version);
    return page;
}

Result<> change_offer(Database& db, const v1::Offer& offer, const std::string& by_account, std::int64_t now_ms) {
    const auto known = find_offer(db, OfferId(offer.id()));
    if (!known) return known.error();
    if (const auto fund = require_fund(db, offer); !fund) return fund.error();
    const auto changed = db.execute(
        "UPDATE offers SET title = ?, price_fen = ?, list_price_fen = ?, list_price_basis = ?, limit_per_buyer = ?, hold_ms = ?, terms = ?, "
        "version = version + 1 WHERE id = ? AND version = ?",
        {offer.title(), offer.price_fen(), offer.list_price_fen(), offer.list_price_basis(), offer.limit_per_buyer(), offer.hold_ms(),
         terms_text(offer), offer.id(), offer.version()});
    if (!changed) return changed.error();
    if (*changed == 0) return Errc::conflict;
    std::vector<std::int64_t> old_shares;
    for (const auto& line : known->lines())
        if (!line.is_gift()) old_shares.push_back(line.share_fen());
    const auto shares = split_amount(offer.price_fen(), old_shares);
    auto share = shares.begin();
    for (const auto& line : known->lines()) {
        if (line.is_gift()) continue;
        const auto moved =
            db.execute("UPDATE offer_lines SET share_fen = ? WHERE offer_id = ? AND stock_id = ?", {*share++, offer.id(), line.stock_id()});
        if (!moved) return moved.error();
    }
    return keep_page(db, OfferId(offer.id()), by_account, now_ms);
}

DeliveryWindow delivery_window(std::int64_t placed_ms, const std::vector<int>& days) {
    const auto delivers = [&](std::int64_t day) { return std::find(days.begin(), days.end(), weekday(day)) != days.end(); };
    const auto placed_day = (placed_ms + utc_plus_8_ms) / day_ms;
    auto first = placed_day + 1;
    while (first <= placed_day + 7 && !delivers(first)) ++first;
    if (first > placed_day + 7) return {};
    auto end = first + 1;
    while (end < first + 7 && delivers(end)) ++end;
    return {first * day_ms - utc_plus_8_ms, end * day_ms - utc_plus_8_ms};
}

}  // namespace livefair::ledger
