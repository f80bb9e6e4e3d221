#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class Offer;
}

/// What an offer's price, days and gifts depend on, and what its page showed at each of its versions.
namespace livefair::ledger {

class Database;

/// As offers.terms has them; empty when there are none.
std::string terms_text(const v1::Offer& offer);
void read_terms(const std::string& text, v1::Offer& offer);
/// Errors: not_found - the terms name a fund that does not exist.
Result<> require_fund(Database& db, const v1::Offer& offer);
/// Keeps what the page of the offer's newest version shows: title, prices and basis, terms, lines, supplier, origin, picture.
Result<> keep_page(Database& db, const OfferId& offer, const std::string& by_account, std::int64_t now_ms);
/// What the page showed at a version; opening and closing an offer make versions that show the same. Errors: not_found.
Result<v1::Offer> find_page(Database& db, const OfferId& offer, std::int64_t version);

struct DeliveryWindow {
    std::int64_t from_ms = 0;
    std::int64_t until_ms = 0;
};
/// The next run of `days` (1 Monday to 7 Sunday) after the day of `placed_ms`, in UTC+8: from midnight to midnight. Empty days: both 0.
DeliveryWindow delivery_window(std::int64_t placed_ms, const std::vector<int>& days);

}  // namespace livefair::ledger
