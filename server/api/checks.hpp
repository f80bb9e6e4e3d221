#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "api/problem.hpp"

namespace livefair::v1 {
class Address;
class CreateStaffRequest;
class Grant;
class Host;
class Offer;
class PlaceOrder;
class PushTarget;
class Segment;
class Show;
class Stock;
}  // namespace livefair::v1

/// What fields from outside must hold. Each function gives the first problem, naming its field; nothing when all is
/// well.
namespace livefair::api {

/// The bounds of docs/protocol.md section 3; the ledger's tables repeat those of money and amounts.
constexpr std::int64_t price_fen_max = 10'000'000'000, quantity_max = 99, stock_total_max = 1'000'000'000;
constexpr std::int64_t weight_g_max = 1'000'000'000, line_quantity_max = 1000;
constexpr int offer_lines_max = 20;

/// 11 digits, the first of them 1.
bool is_phone(std::string_view text);
/// Six digits (GB/T 2260).
bool is_region_code(std::string_view text);
/// Whether `text` may be shown: at most `chars_max` characters of UTF-8, no control characters, no invisible ones and
/// none that turn the direction of writing (they serve to forge names).
bool is_shown_text(std::string_view text, std::size_t chars_max);
/// 1 to 24 shown characters, not only spaces.
bool is_nickname(std::string_view text);

/// Whether a nickname says that its bearer is staff or the shop itself, however it is written; only staff's accounts may.
bool claims_to_be_staff(std::string_view nickname);

std::optional<Problem> check(const v1::Host& host);
std::optional<Problem> check(const v1::Show& show);
std::optional<Problem> check(const v1::Segment& segment);
std::optional<Problem> check(const v1::Stock& stock);
std::optional<Problem> check(const v1::Offer& offer);
/// What a change of an offer may say; its lines are those that it has.
std::optional<Problem> check_change(const v1::Offer& offer);
std::optional<Problem> check(const v1::Address& address);
/// `allow_private`: push.allow_private. A host name is judged when media has looked it up.
std::optional<Problem> check(const v1::PushTarget& target, bool allow_private);
std::optional<Problem> check(const v1::Grant& grant);
std::optional<Problem> check(const v1::CreateStaffRequest& request);
/// Only what makes an order undecidable (ids); quantity and the rest are the checkout's to answer.
std::optional<Problem> check(const v1::PlaceOrder& order);

}  // namespace livefair::api
