#include "sim/page_rules.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>
#include <ctime>
#include <map>

#include "base/check.hpp"
#include "ledger/database.hpp"
#include "ledger/offer_terms.hpp"

namespace livefair::sim {

namespace {

constexpr std::int64_t utc_plus_8_s = 8 * 3600;

std::int64_t price_of(const v1::Offer& page, std::int64_t quantity, std::int64_t placed_ms) {
    const auto& terms = page.terms();
    auto price = page.price_fen();
    for (const auto& tier : terms.tiers()) {
        if (quantity >= tier.from_quantity()) price = std::min(price, tier.price_fen());
    }
    const bool is_flash = terms.flash_price_fen() > 0 && placed_ms >= terms.flash_from_ms() && placed_ms < terms.flash_until_ms();
    return (is_flash ? std::min(price, terms.flash_price_fen()) : price) - terms.subsidy_fen();
}

/// By the calendar of the C library: 1 Monday to 7 Sunday, in UTC+8.
int weekday_of(std::int64_t placed_ms) {
    const std::time_t seconds = placed_ms / 1000 + utc_plus_8_s;
    std::tm day{};
    LF_CHECK(::gmtime_r(&seconds, &day) != nullptr);
    return day.tm_wday == 0 ? 7 : day.tm_wday;
}

using Units = std::map<std::string, std::int64_t>;

Units units_of(const v1::Offer& page, std::int64_t quantity, bool with_gifts) {
    Units units;
    for (const auto& line : page.lines()) {
        if (with_gifts || !line.is_gift()) units[line.stock_id()] += quantity * line.quantity();
    }
    return units;
}

Units ordered_units(ledger::Database& database, const std::string& order) {
    const auto rows = database.query("SELECT stock_id, units FROM order_lines WHERE order_id = ?", {order});
    LF_CHECK(rows.has_value());
    Units units;
    for (const auto& row : *rows) units[row.text(0)] += row.integer(1);
    return units;
}

/// With its gifts, or without where the page says that it is sold so, and then the order says it, too.
bool has_right_goods(const v1::Offer& page, const Units& ordered, std::int64_t quantity, bool is_without_gift) {
    if (!is_without_gift) return ordered == units_of(page, quantity, true);
    const bool has_gifts = std::any_of(page.lines().begin(), page.lines().end(), [](const auto& line) { return line.is_gift(); });
    return has_gifts && page.terms().gift_rule() == v1::GIFT_RULE_SELL_WITHOUT && ordered == units_of(page, quantity, false);
}

}  // namespace

std::string wrong_by_page(ledger::Database& database, const std::string& order) {
    const auto rows = database.query(
        "SELECT offer_id, offer_version, quantity, unit_price_fen, amount_fen, placed_ms, subsidy_fen, fund_id, without_gift FROM orders WHERE id = ?",
        {order});
    LF_CHECK(rows.has_value() && rows->size() == 1);
    const auto& row = rows->front();
    const auto page = ledger::find_page(database, OfferId(row.text(0)), row.integer(1));
    if (!page) return "nobody knows what its page showed at version " + std::to_string(row.integer(1));
    const auto quantity = row.integer(2), placed_ms = row.integer(5);
    const auto price = price_of(*page, quantity, placed_ms);
    if (row.integer(3) != price || row.integer(4) != price * quantity)
        return "it costs " + std::to_string(row.integer(3)) + ", its page said " + std::to_string(price);
    if (row.integer(6) != page->terms().subsidy_fen() * quantity || row.text(7) != page->terms().fund_id()) return "its subsidy is not its page's";
    if (!has_right_goods(*page, ordered_units(database, order), quantity, row.integer(8) == 1)) return "its goods or gifts are not its page's";
    const auto& days = page->terms().order_days();
    if (!days.empty() && std::find(days.begin(), days.end(), weekday_of(placed_ms)) == days.end()) return "it was placed on another day";
    return {};
}

}  // namespace livefair::sim
