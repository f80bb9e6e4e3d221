#include "api/checks.hpp"

#include <livefair/v1/account.pb.h>
#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <array>
#include <string>

#include "api/field_rules.hpp"
#include "auth/password.hpp"
#include "auth/push_target.hpp"
#include "auth/roles.hpp"
#include "base/id.hpp"
#include "base/money.hpp"
#include "net/public_address.hpp"
#include "net/rtmp_url.hpp"
#include "net/utf8.hpp"
#include "text/fold.hpp"

namespace livefair::api {
namespace {

using namespace rules;

bool is_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The code point that begins at `at` in valid UTF-8; moves `at` behind it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) return lead;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    char32_t value = lead & (0x3F >> more);
    for (int i = 0; i < more; ++i) value = value << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
    return value;
}

bool is_shown(char32_t c) {
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;           // controls
    if (c >= 0x200B && c <= 0x200F && c != 0x200D) return false;      // invisible, direction marks; 200D joins emoji
    if (c >= 0x2028 && c <= 0x202E) return false;                     // line separators, direction overrides
    if (c >= 0x2060 && c <= 0x206F) return false;                     // invisible operators, direction isolates
    return c != 0xFEFF && c != 0x00AD && c != 0x3164 && c < 0xE0000;  // fillers; tags and private planes
}

Found check_line(const v1::OfferLine& line) {
    return first_of({id("lines.stockId", line.stock_id()),
                     between("lines.quantity", line.quantity(), 1, line_quantity_max),
                     between("lines.shareFen", line.share_fen(), 0, price_fen_max)});
}

bool are_days(const google::protobuf::RepeatedField<std::int32_t>& days) {
    return std::is_sorted(days.begin(), days.end()) && std::adjacent_find(days.begin(), days.end()) == days.end() &&
           (days.empty() || (days.Get(0) >= 1 && days.Get(days.size() - 1) <= 7));
}

Found check_tiers(const v1::OfferTerms& terms, std::int64_t price_fen) {
    if (terms.tiers_size() > 10) return bad_field("terms.tiers", "最多 10 档", "may have at most 10 tiers");
    std::int64_t quantity = 1, price = price_fen;
    for (const auto& tier : terms.tiers()) {
        if (tier.from_quantity() <= quantity || tier.from_quantity() > quantity_max)
            return bad_field("terms.tiers.fromQuantity", "须从 2 到 99 逐档增加", "must rise from tier to tier, from 2 to 99");
        if (tier.price_fen() < 1 || tier.price_fen() >= price)
            return bad_field("terms.tiers.priceFen", "须逐档降低，且低于售价", "must fall from tier to tier, below the price");
        quantity = tier.from_quantity();
        price = tier.price_fen();
    }
    return {};
}

Found check_terms(const v1::Offer& offer) {
    const auto& terms = offer.terms();
    if (const auto found = check_tiers(terms, offer.price_fen())) return found;
    std::int64_t lowest = terms.tiers_size() > 0 ? terms.tiers(terms.tiers_size() - 1).price_fen() : offer.price_fen();
    const bool has_flash = terms.flash_price_fen() != 0 || terms.flash_from_ms() != 0 || terms.flash_until_ms() != 0;
    if (has_flash) {
        if (terms.flash_price_fen() < 1 || terms.flash_price_fen() >= offer.price_fen())
            return bad_field("terms.flashPriceFen", "须低于售价", "must be below the price");
        if (terms.flash_from_ms() < 0 || terms.flash_until_ms() <= terms.flash_from_ms() || terms.flash_until_ms() > 4'102'444'800'000)
            return bad_field("terms.flashUntilMs", "须晚于 flashFromMs", "must be after flashFromMs");
        lowest = std::min(lowest, terms.flash_price_fen());
    }
    if ((terms.subsidy_fen() != 0) != !terms.fund_id().empty())
        return bad_field("terms.fundId", "和 subsidyFen 须同时填写", "and subsidyFen belong together");
    if (terms.subsidy_fen() < 0 || terms.subsidy_fen() >= lowest)
        return bad_field("terms.subsidyFen", "须低于最低的售价", "must be below the lowest price");
    if (const auto found = id_or_empty("terms.fundId", terms.fund_id())) return found;
    if (!are_days(terms.order_days()) || !are_days(terms.delivery_days()))
        return bad_field("terms.orderDays", "和 deliveryDays 须为 1（周一）到 7（周日），由小到大，不重复",
                         "and deliveryDays must be from 1 (Monday) to 7 (Sunday), rising, each once");
    if (const auto found = between("terms.shipByMs", terms.ship_by_ms(), 0, 4'102'444'800'000)) return found;
    const bool has_gift = std::any_of(offer.lines().begin(), offer.lines().end(), [](const v1::OfferLine& line) { return line.is_gift(); });
    if (!v1::GiftRule_IsValid(terms.gift_rule()) || (has_gift && terms.gift_rule() == v1::GIFT_RULE_UNSPECIFIED))
        return bad_field("terms.giftRule", "须说明赠品送完后怎么办：GIFT_RULE_REFUSE 或 GIFT_RULE_SELL_WITHOUT",
                         "must say what happens when the gifts have run out: GIFT_RULE_REFUSE or GIFT_RULE_SELL_WITHOUT");
    return {};
}

/// What both a new offer and a changed one must hold.
Found check_offer_text(const v1::Offer& offer) {
    if (offer.list_price_fen() != 0 && offer.list_price_fen() < offer.price_fen())
        return bad_field("listPriceFen", "不能低于售价", "must not be below the price");
    if (offer.list_price_fen() != 0 && offer.list_price_basis().empty())
        return bad_field("listPriceBasis", "不能为空：划线价须说明依据", "must say what the comparison price is");
    if (const auto found = first_of({text("title", offer.title(), 60), between("priceFen", offer.price_fen(), 1, price_fen_max),
                                     between("listPriceFen", offer.list_price_fen(), 0, price_fen_max),
                                     text_or_empty("listPriceBasis", offer.list_price_basis(), 60),
                                     between("limitPerBuyer", offer.limit_per_buyer(), 1, quantity_max),
                                     between("holdMs", offer.hold_ms(), 1000, 86'400'000)}))
        return found;
    return check_terms(offer);
}

}  // namespace

bool is_phone(std::string_view text) {
    return text.size() == 11 && text.front() == '1' && is_digits(text);
}

bool is_region_code(std::string_view text) {
    return text.size() == 6 && is_digits(text);
}

bool is_shown_text(std::string_view text, std::size_t chars_max) {
    if (text.size() > chars_max * 4 || !net::is_utf8(text)) return false;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count)
        if (!is_shown(next_code_point(text, at))) return false;
    return count <= chars_max;
}

bool is_nickname(std::string_view text) {
    return text.find_first_not_of(' ') != std::string_view::npos && is_shown_text(text, 24);
}

bool claims_to_be_staff(std::string_view nickname) {
    constexpr std::array<std::string_view, 12> titles = {"主持人", "主播助理", "官方", "客服", "管理员", "管理員", "系统", "系統", "场控", "admin", "official", "moderator"};
    static const auto alike = [titles] {
        std::array<std::string, titles.size()> skeletons;
        std::transform(titles.begin(), titles.end(), skeletons.begin(), text::skeleton);
        return skeletons;
    }();
    const auto name = text::skeleton(nickname);
    return std::any_of(alike.begin(), alike.end(), [&](const std::string& title) { return name.find(title) != name.npos; });
}

Found check(const v1::Host& host) {
    return first_of({id_or_empty("id", host.id()), text("name", host.name(), 30),
                     text_or_empty("title", host.title(), 60), id_or_empty("organisationId", host.organisation_id()),
                     region("regionCode", host.region_code()), text("regionName", host.region_name(), 30)});
}

Found check(const v1::Show& show) {
    if (!v1::Channel_IsValid(show.channel()))
        return bad_field("channel", "不在可选范围内", "must be CHANNEL_SHOW, CHANNEL_MALL, CHANNEL_BULK or CHANNEL_STALL");
    const bool has_no_till = show.channel() == v1::CHANNEL_BULK || show.channel() == v1::CHANNEL_STALL;
    if (show.practice() && has_no_till)
        return bad_field("practice", "不能用于大宗和展位场次：彩排只演练直播销售",
                         "is for shows that sell live: bulk channels and stalls have no rehearsal");
    return first_of({id_or_empty("id", show.id()), id_or_empty("roomId", show.room_id()),
                     text("title", show.title(), 60), between("startsMs", show.starts_ms(), 0, 4'102'444'800'000),
                     id_or_empty("organisationId", show.organisation_id())});
}

Found check(const v1::Segment& segment) {
    return first_of({id_or_empty("id", segment.id()), between("position", segment.position(), 1, 1000),
                     id("hostId", segment.host_id()), region("regionCode", segment.region_code()),
                     text("regionName", segment.region_name(), 30)});
}

Found check(const v1::Stock& stock) {
    return first_of({id_or_empty("id", stock.id()), id("productId", stock.product_id()),
                     between("total", stock.total(), 0, stock_total_max)});
}

Found check(const v1::Offer& offer) {
    if (!v1::OfferKind_IsValid(offer.kind()) || offer.kind() == v1::OFFER_KIND_UNSPECIFIED)
        return bad_field("kind", "不在可选范围内", "must be OFFER_KIND_NORMAL, OFFER_KIND_FLASH or OFFER_KIND_BUNDLE");
    if (const auto found =
            between("lines", offer.lines_size(), offer.kind() == v1::OFFER_KIND_BUNDLE ? 2 : 1, offer_lines_max))
        return found;
    for (const auto& line : offer.lines())
        if (const auto found = check_line(line)) return found;
    const bool only_gifts = std::all_of(offer.lines().begin(), offer.lines().end(), [](const v1::OfferLine& line) { return line.is_gift(); });
    if (only_gifts) return bad_field("lines", "不能全是赠品", "must have something that is no gift");
    if (const auto found = check_offer_text(offer)) return found;
    return first_of({id_or_empty("id", offer.id()), between("number", offer.number(), 0, 9999),
                     id_or_empty("segmentId", offer.segment_id())});
}

Found check_change(const v1::Offer& offer) {
    return check_offer_text(offer);
}

Found check(const v1::Address& address) {
    return first_of({id_or_empty("id", address.id()), free_text("recipient", address.recipient(), 30),
                     phone("phone", address.phone()), region("regionCode", address.region_code()),
                     free_text("regionName", address.region_name(), 60), free_text("detail", address.detail(), 120)});
}

Found check(const v1::PushTarget& target, bool allow_private) {
    if (const auto found = first_of({id_or_empty("id", target.id()), text("name", target.name(), 24)})) return found;
    const auto url = net::parse_rtmp_url(target.url());
    if (!url)
        return bad_field("url", "须为 rtmp:// 或 rtmps:// 开头的推流地址，不含推流码",
                         "must be an address that begins with rtmp:// or rtmps://, without the stream key");
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(url->host, not_an_address);
    if (!allow_private && (url->host == "localhost" || (!not_an_address && !net::is_public(address))))
        return bad_field("url", "不能是内网地址", "must not be an address of an inner network");
    if (!auth::is_push_key(target.key()))
        return bad_field("key", "须为 1 到 500 个字符，不含空格", "must have 1 to 500 characters without spaces");
    return {};
}

Found check(const v1::Grant& grant) {
    if (auth::is_lawful({static_cast<auth::Role>(grant.role()), grant.room_id()})) return {};
    return bad_field("grant", "无效：管理员用“*”，其他角色用直播间编号",
                     "must be an operator on \"*\", or another role on a room's id");
}

Found check(const v1::CreateStaffRequest& request) {
    if (!is_id_text(request.name())) return id("name", request.name());
    if (!is_nickname(request.nickname()))
        return bad_field("nickname", "须为 1 到 24 个字", "must have 1 to 24 characters");
    if (request.password().size() < auth::password_bytes_min || request.password().size() > auth::password_bytes_max)
        return bad_field("password", "须为 10 到 128 个字符", "must have 10 to 128 bytes");
    if (const auto found = between("grants", request.grants_size(), 0, 100)) return found;
    for (const auto& grant : request.grants())
        if (const auto found = check(grant)) return found;
    return {};
}

Found check(const v1::PlaceOrder& order) {
    if (!is_id_text(order.order_id()) || order.order_id().size() < 16)
        return bad_field("orderId", "须为 16 到 64 个字母、数字、“-”、“_”",
                         "must be 16 to 64 letters, digits, dashes or underscores");
    return first_of(
        {id("showId", order.show_id()), id("offerId", order.offer_id()), id_or_empty("addressId", order.address_id())});
}

}  // namespace livefair::api
