#include "api/catalog_checks.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/supply.pb.h>

#include <algorithm>
#include <array>

#include "api/checks.hpp"
#include "api/field_rules.hpp"
#include "ledger/regions.hpp"
#include "ledger/suppliers.hpp"

namespace livefair::api {
namespace {

using rules::Found;

/// What goods are counted in; see docs/commerce.md.
constexpr std::array<std::string_view, 18> units = {"件", "盒", "袋", "斤", "公斤", "吨", "份", "筒", "箱",
                                                    "瓶", "罐", "包", "桶", "只",   "个", "条", "提", "篮"};
struct WeightUnit {
    std::string_view name;
    std::int64_t grams;
};
constexpr std::array<WeightUnit, 3> weight_units = {{{"斤", 500}, {"公斤", 1000}, {"吨", 1'000'000}}};
constexpr std::int64_t benefit_max = 1'000'000'000, time_ms_max = 4'102'444'800'000;  // the year 2100
constexpr int regions_a_request = 500;

const WeightUnit* weight_unit(std::string_view name) {
    const auto found = std::find_if(weight_units.begin(), weight_units.end(),
                                    [&](const WeightUnit& unit) { return unit.name == name; });
    return found == weight_units.end() ? nullptr : &*found;
}

Found check_unit(const v1::Product& product) {
    if (std::find(units.begin(), units.end(), product.unit()) == units.end()) {
        std::string all;
        for (const auto unit : units) all += (all.empty() ? "" : " ") + std::string(unit);
        return bad_field("unit", "必须是以下之一：" + all, "must be one of " + all);
    }
    const auto* weight = weight_unit(product.unit());
    if (weight != nullptr && product.net_weight_g() != weight->grams) {
        const auto grams = std::to_string(weight->grams);
        return bad_field("netWeightG", "按" + product.unit() + "卖的商品必须是 " + grams,
                         "must be " + grams + " for goods that are sold by " + product.unit());
    }
    return {};
}

Found check_prices(const v1::Product& product) {
    if (const auto found = rules::first_of({rules::between("priceFen", product.price_fen(), 0, price_fen_max),
                                            rules::between("listPriceFen", product.list_price_fen(), 0, price_fen_max),
                                            rules::text_or_empty("listPriceBasis", product.list_price_basis(), 60)}))
        return found;
    const auto& unit = product.pricing_unit();
    if (!unit.empty() && unit != product.unit() && weight_unit(unit) == nullptr)
        return bad_field("pricingUnit", "必须是商品的单位，或斤、公斤、吨",
                         "must be the product's unit, or 斤, 公斤 or 吨");
    if (product.list_price_fen() != 0 && (product.price_fen() == 0 || product.list_price_fen() < product.price_fen()))
        return bad_field("listPriceFen", "须和价格一起填写，且不低于价格", "needs a price and must not be below it");
    if ((product.list_price_fen() != 0) == product.list_price_basis().empty())
        return bad_field("listPriceBasis", "和划线价须同时填写，写明划线价的依据",
                         "and the comparison price belong together: say what that price is");
    return {};
}

/// A number on a box or a bill: no spaces, nothing that looks like another.
Found check_sku(const std::string& sku) {
    const bool is_plain = sku.size() <= 64 && std::all_of(sku.begin(), sku.end(), [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                     c == '.' || c == '/' || c == '-' || c == '_';
                          });
    if (is_plain) return {};
    return bad_field("sku", "最多 64 个字母、数字、“.”、“/”、“-”、“_”",
                     "may have at most 64 letters, digits, dots, slashes, dashes and underscores");
}

Found check_pictures(const v1::Product& product) {
    if (const auto found = rules::picture("pictureUrl", product.picture_url())) return found;
    if (product.picture_urls_size() > pictures_max)
        return bad_field("pictureUrls", "最多 8 张", "may have at most 8 pictures");
    for (const auto& url : product.picture_urls()) {
        if (url.empty()) return bad_field("pictureUrls", "不能有空的地址", "must have no empty address");
        if (const auto found = rules::picture("pictureUrls", url)) return found;
    }
    return {};
}

/// 2022-01-01, in UTC+8.
std::string day_of(std::int64_t at_ms) {
    const auto seconds = static_cast<std::time_t>(at_ms / 1000 + 8 * 3600);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 16> text;
    return std::string(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts));
}

Problem tree_problem(ledger::TreeFault fault) {
    using ledger::TreeFault;
    switch (fault) {
        case TreeFault::level:
            return bad_field("level", "必须低于上级组织的级别（企业、合作社、班级可与上级同级）",
                             "must be below the parent's (an enterprise, cooperative or class may have the same)");
        case TreeFault::place:
            return bad_field("regionCode", "必须在上级组织的地区之内", "must lie in the parent's place");
        case TreeFault::parent:
            return bad_field("parentId", "不能是班级；机关团体的上级也不能是企业或合作社",
                             "can't be a class, nor an enterprise or cooperative of a public body");
        case TreeFault::depth:
            return bad_field("parentId", "层级太深，最多 8 级", "is too deep; the tree has at most 8 levels");
        case TreeFault::cycle:
            return bad_field("parentId", "不能是自己或自己的下级", "can't be the organisation itself or one below it");
        default:
            return bad_field("level", "和已有的下级组织不符，请先调整下级",
                             "does not fit those below it; change them first");
    }
}

}  // namespace

Found check(const v1::Product& product) {
    using namespace rules;
    if (const auto found =
            first_of({id_or_empty("id", product.id()), text("title", product.title(), 60), check_unit(product),
                      between("netWeightG", product.net_weight_g(), 1, weight_g_max),
                      region("originCode", product.origin_code()), text("originName", product.origin_name(), 30),
                      id_or_empty("supplierId", product.supplier_id()),
                      text_or_empty("supplierName", product.supplier_name(), 60),
                      text_or_empty("supplierContact", product.supplier_contact(), 60), check_sku(product.sku())}))
        return found;
    if (product.age_min() != 0 && product.age_min() != adult_age)
        return bad_field("ageMin", "只能是 0 或 18", "must be 0 or 18");
    return first_of({check_prices(product), between("households", product.households(), 0, benefit_max),
                     between("people", product.people(), 0, benefit_max), check_pictures(product)});
}

Found check(const v1::Organisation& organisation) {
    constexpr std::array<std::string_view, 6> kinds = {"womens_federation", "trade_union", "government",
                                                       "enterprise",        "cooperative", "class"};
    constexpr std::array<std::string_view, 5> levels = {"", "national", "province", "city", "county"};
    if (std::find(kinds.begin(), kinds.end(), organisation.kind()) == kinds.end())
        return bad_field("kind", "不在可选范围内",
                         "must be womens_federation, trade_union, government, enterprise, cooperative or class");
    if (std::find(levels.begin(), levels.end(), organisation.level()) == levels.end())
        return bad_field("level", "不在可选范围内", "must be national, province, city or county");
    return rules::first_of({rules::id_or_empty("id", organisation.id()), rules::text("name", organisation.name(), 60),
                            rules::region("regionCode", organisation.region_code()),
                            rules::id_or_empty("parentId", organisation.parent_id())});
}

Found check(const v1::PutRegionsRequest& request) {
    if (const auto found = rules::between("regions", request.regions_size(), 1, regions_a_request)) return found;
    for (const auto& region : request.regions()) {
        if (const auto found = rules::first_of(
                {rules::region("regions.code", region.code()), rules::text("regions.name", region.name(), 30),
                 rules::region("regions.parentCode", region.parent_code()),
                 rules::between("regions.validFromMs", region.valid_from_ms(), 0, time_ms_max),
                 rules::between("regions.validUntilMs", region.valid_until_ms(), 0, time_ms_max)}))
            return found;
        if (region.valid_until_ms() != 0 && region.valid_until_ms() <= region.valid_from_ms())
            return bad_field("regions.validUntilMs", "须晚于 validFromMs", "must be after validFromMs");
    }
    return {};
}

Result<Found> check_region(ledger::Database& db, const std::string& field, const std::string& code,
                           std::int64_t now_ms) {
    const auto checked = ledger::check_code(db, code, now_ms);
    if (!checked) return checked.error();
    switch (checked->fault) {
        case ledger::CodeFault::unknown:
            return bad_field(field, "“" + code + "”不在行政区划代码表里，请核对，或先补充代码表",
                             "is not in the list of region codes: " + code + ". Check it, or add it to the list");
        case ledger::CodeFault::not_yet:
            return bad_field(field,
                             "“" + code + "”（" + checked->name + "）到 " + day_of(checked->since_ms) + " 才启用",
                             "is a code that holds from " + day_of(checked->since_ms) + " on: " + code);
        case ledger::CodeFault::ended:
            return bad_field(
                field,
                "“" + code + "”（" + checked->name + "）已在 " + day_of(checked->since_ms) + " 前停用，请填现在的代码",
                "is a code that held until " + day_of(checked->since_ms) + ": " + code + ". Use the code of today");
        case ledger::CodeFault::none:
            break;
    }
    return Found();
}

Result<Found> check_facts(ledger::Database& db, const v1::Product& product, const v1::Product* known,
                          std::int64_t now_ms) {
    if (known == nullptr || known->origin_code() != product.origin_code()) {
        auto found = check_region(db, "originCode", product.origin_code(), now_ms);
        if (!found || *found) return found;
    }
    if (product.supplier_id().empty()) return Found();
    const auto registered = ledger::require_supplier(db, product.supplier_id());
    if (registered) return Found();
    if (registered.error() != Errc::not_found) return registered.error();
    return bad_field("supplierId", "不是登记过的供应商，请先登记", "is no registered supplier; register it first");
}

Result<Found> check_facts(ledger::Database& db, const v1::Organisation& organisation, std::int64_t now_ms) {
    auto found = check_region(db, "regionCode", organisation.region_code(), now_ms);
    if (!found || *found) return found;
    const auto fault = ledger::tree_fault(db, organisation);
    if (!fault) return fault.error();
    if (*fault == ledger::TreeFault::none) return Found();
    return tree_problem(*fault);
}

}  // namespace livefair::api
