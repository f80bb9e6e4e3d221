#include "api/bulk_checks.hpp"

#include <livefair/v1/bulk.pb.h>

#include <algorithm>

#include "api/checks.hpp"
#include "base/id.hpp"

namespace livefair::api {
namespace {

using ledger::DirectOutcome;
using ledger::QuoteOutcome;
using Found = std::optional<Problem>;

constexpr std::int64_t count_max = 1'000'000'000, time_ms_max = 4'102'444'800'000;  // the year 2100
constexpr int consignees_max = 200;

Found text(std::string_view field, const std::string& value, std::size_t chars_max, bool may_be_empty) {
    const bool is_empty = value.find_first_not_of(' ') == std::string::npos;
    if ((may_be_empty || !is_empty) && is_shown_text(value, chars_max)) return {};
    const auto most = std::to_string(chars_max);
    return bad_field(field, std::string(may_be_empty ? "" : "不能为空，") + "最多 " + most + " 个字，不能有控制字符",
                     std::string(may_be_empty ? "may" : "must not be empty and may") + " have at most " + most +
                         " characters and no control characters");
}

Found id(std::string_view field, const std::string& value, bool may_be_empty = false) {
    if (is_id_text(value) || (may_be_empty && value.empty())) return {};
    return bad_field(field, "只能用 1 到 64 个字母、数字、“-”、“_”",
                     "must be 1 to 64 letters, digits, dashes or underscores");
}

Found between(std::string_view field, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value >= least && value <= most) return {};
    const auto low = std::to_string(least), high = std::to_string(most);
    return bad_field(field, "必须在 " + low + " 到 " + high + " 之间", "must be from " + low + " to " + high);
}

Found first_of(std::initializer_list<Found> rules) {
    for (const auto& found : rules)
        if (found) return found;
    return {};
}

/// 统一社会信用代码: 18 digits and capital letters.
bool is_tax_number(std::string_view text) {
    return text.size() == 18 && std::all_of(text.begin(), text.end(),
                                            [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

Found check_consignee(const v1::Consignee& to) {
    if (!is_phone(to.phone()))
        return bad_field("consignees.phone", "必须是 11 位手机号", "must be a mobile number of 11 digits");
    if (!is_region_code(to.region_code()))
        return bad_field("consignees.regionCode", "必须是六位行政区划代码", "must be a region code of six digits");
    return first_of({text("consignees.unitName", to.unit_name(), 60, false),
                     text("consignees.recipient", to.recipient(), 30, false),
                     text("consignees.regionName", to.region_name(), 30, false),
                     text("consignees.detail", to.detail(), 100, false),
                     between("consignees.count", to.count(), 1, count_max)});
}

Found check_consignees(const google::protobuf::RepeatedPtrField<v1::Consignee>& consignees) {
    if (consignees.empty() || consignees.size() > consignees_max)
        return bad_field("consignees", "必须有 1 到 200 个收货单位", "must be from 1 to 200");
    for (const auto& to : consignees)
        if (auto problem = check_consignee(to)) return problem;
    return {};
}

}  // namespace

Found check(const v1::Quote& quote) {
    const bool is_donation = quote.kind() == v1::ORDER_KIND_DONATION;
    if (!is_donation && quote.kind() != v1::ORDER_KIND_BULK)
        return bad_field("kind", "只能是以购代捐或大宗采购", "must be ORDER_KIND_DONATION or ORDER_KIND_BULK");
    return first_of({id("id", quote.id()), id("offerId", quote.offer_id()),
                     id("organisationId", quote.organisation_id()), id("intentId", quote.intent_id(), true),
                     id("agreementId", quote.agreement_id(), true),
                     between("unitPriceFen", quote.unit_price_fen(), 1, price_fen_max),
                     between("countMin", quote.count_min(), 1, count_max),
                     between("validUntilMs", quote.valid_until_ms(), 1, time_ms_max),
                     text("beneficiary", quote.beneficiary(), 60, !is_donation)});
}

Found check(const v1::QuoteOrder& order) {
    if (!order.tax_number().empty() && !is_tax_number(order.tax_number()))
        return bad_field("taxNumber", "必须是 18 位统一社会信用代码",
                         "must have the 18 characters of a 统一社会信用代码");
    return first_of({check_consignees(order.consignees()), id("orderId", order.order_id()),
                     between("count", order.count(), 1, count_max),
                     text("invoiceTitle", order.invoice_title(), 60, order.tax_number().empty())});
}

Found check(const v1::PurchaseIntent& intent) {
    return first_of({id("id", intent.id()), id("organisationId", intent.organisation_id()),
                     id("productId", intent.product_id()), between("count", intent.count(), 1, count_max),
                     between("hopedPriceFen", intent.hoped_price_fen(), 0, price_fen_max),
                     text("note", intent.note(), 200, true)});
}

Found check(const v1::SupplyAgreement& agreement) {
    if (agreement.supplier_id() == agreement.buyer_id())
        return bad_field("buyerId", "不能与供应商相同", "must not be the supplier");
    if (agreement.until_ms() <= agreement.from_ms())
        return bad_field("untilMs", "必须晚于 “fromMs”", "must be after \"fromMs\"");
    return first_of(
        {id("id", agreement.id()), id("supplierId", agreement.supplier_id()), id("buyerId", agreement.buyer_id()),
         id("productId", agreement.product_id()), between("count", agreement.count(), 1, count_max),
         between("unitPriceFen", agreement.unit_price_fen(), 1, price_fen_max),
         between("fromMs", agreement.from_ms(), 0, time_ms_max),
         between("untilMs", agreement.until_ms(), 1, time_ms_max), text("note", agreement.note(), 200, true)});
}

Found check(const v1::StallOrder& order) {
    return first_of({id("orderId", order.order_id()), id("offerId", order.offer_id()),
                     between("count", order.count(), 1, quantity_max), text("tag", order.tag(), 30, false),
                     check_reference(order.reference())});
}

Found check(const v1::GiftOrder& order) {
    return first_of({id("orderId", order.order_id()), id("offerId", order.offer_id()),
                     between("count", order.count(), 1, count_max), text("why", order.why(), 200, false),
                     check_consignees(order.consignees())});
}

Found check_reference(const std::string& reference) {
    return text("reference", reference, 60, false);
}

Found check_why(const std::string& why) {
    return text("why", why, 200, true);
}

Problem problem_of_outcome(DirectOutcome outcome) {
    switch (outcome) {
        case DirectOutcome::used_id:
            return {Errc::conflict, "这个订单号已用于另一个订单；请换一个编号。",
                    "This order id is that of another order; use a new one."};
        case DirectOutcome::wrong_channel:
            return {
                Errc::conflict, "这个场次不是相应的渠道，或正在直播销售；请选择专用的大宗或展位场次。",
                "This show is of another channel, or on sale live; choose the show of the bulk channel or the stall."};
        case DirectOutcome::ended:
            return {Errc::conflict, "这个场次已结束，库存已退回；请选择还没有结束的场次。",
                    "This show has ended, and its stock went back; choose one that has not."};
        case DirectOutcome::no_offer:
            return {Errc::not_found, "这个场次没有这件商品，或还没有开售。",
                    "This show has no such offer, or it is not open."};
        case DirectOutcome::unvetted:
            return {Errc::conflict, "这件商品有供应商未通过审核；请先审核供应商。",
                    "A supplier of these goods is not vetted; vet it first."};
        case DirectOutcome::sold_out:
            return {Errc::conflict, "库存不足；请减少数量或先调入库存。",
                    "Not enough stock; take less, or bring stock in first."};
        case DirectOutcome::too_large:
            return {Errc::invalid_input, "数量或金额超过一个订单的上限；请分成几个订单。",
                    "More than one order may come to; split it."};
        case DirectOutcome::illegal:
            return {Errc::conflict, "订单的状态已改变；请刷新后再看。",
                    "The order is in another state; reload to see how it stands."};
        case DirectOutcome::used_reference:
            return {Errc::conflict, "这笔转账的编号已用于另一个订单；请核对。",
                    "This transfer has paid another order already; check its number."};
        case DirectOutcome::bad_consignees:
            return {Errc::invalid_input, "各收货单位的数量之和必须等于订单数量；请核对。",
                    "The counts of the consignees must add up to the order's; check them."};
        case DirectOutcome::taken:
            break;
    }
    return problem_of(Errc::internal);
}

Problem problem_of_quote(const ledger::QuoteAnswer& answer) {
    switch (answer.outcome) {
        case QuoteOutcome::refused:
            return problem_of_outcome(answer.order);
        case QuoteOutcome::not_open:
            return {Errc::conflict, "这份报价已下单或已撤回；请另行报价。",
                    "This quote has been ordered by or withdrawn; make another one."};
        case QuoteOutcome::expired:
            return {Errc::conflict, "报价已过有效期；请另行报价。",
                    "This quote is not valid any more; make another one."};
        case QuoteOutcome::below_minimum:
            return {Errc::invalid_input, "数量低于报价的起订量。", "Less than the quote's minimum."};
        case QuoteOutcome::used_intent:
            return {Errc::conflict, "报价所依据的意向或协议已下单、撤回或未签订。",
                    "The intent or agreement of this quote has become an order, was withdrawn, or is not signed."};
        case QuoteOutcome::taken:
            break;
    }
    return problem_of(Errc::internal);
}

}  // namespace livefair::api
