#include <livefair/v1/supply.pb.h>

#include "api/catalog_checks.hpp"
#include "api/creation.hpp"
#include "api/field_rules.hpp"
#include "api/query.hpp"
#include "ledger/regions.hpp"
#include "ledger/suppliers.hpp"

namespace livefair::api {
namespace {

constexpr std::string_view whole_country = "100000";
constexpr std::int64_t time_ms_max = 4'102'444'800'000;  // the year 2100

std::optional<Problem> check_why(const std::string& why) {
    return rules::text("why", why, 200);
}

ledger::SupplierChange change_of(const Services& services, const Call& call, const std::string& why) {
    return {call.who.account, why, services.clock.unix_ms()};
}

net::Task<net::HttpResponse> answer_supplier(Services& services, OrganisationId supplier) {
    auto find = [supplier](ledger::Database& db) { return ledger::find_supplier(db, supplier); };
    const Result<v1::Supplier> found = co_await services.ledger.read(std::move(find));
    co_return found ? answer(*found) : refuse(found.error());
}

}  // namespace

net::Task<net::HttpResponse> list_regions(Services& services, Call call) {
    auto parent = text_of(call.request, "parent");
    if (parent.empty()) parent = whole_country;
    if (!is_region_code(parent))
        co_return refuse(bad_field("parent", "必须是六位行政区划代码", "must be a region code of six digits"));
    const auto at_ms = number_of(call.request, "atMs", services.clock.unix_ms(), 0, time_ms_max);
    if (!at_ms) co_return refuse(bad_field("atMs", "必须是 Unix 毫秒", "must be Unix milliseconds"));
    auto list = [parent, at_ms = *at_ms](ledger::Database& db) { return ledger::list_regions(db, parent, at_ms); };
    const Result<v1::ListRegionsResponse> regions = co_await services.ledger.read(std::move(list));
    co_return regions ? answer(*regions) : refuse(regions.error());
}

net::Task<net::HttpResponse> put_regions(Services& services, Call call) {
    v1::PutRegionsRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    const std::vector<v1::Region> regions(body.regions().begin(), body.regions().end());
    auto put = [regions](ledger::Database& db) { return ledger::put_regions(db, regions); };
    const Result<> written = co_await services.ledger.write(std::move(put));
    if (!written && written.error() == Errc::not_found)
        co_return refuse(bad_field("regions.parentCode", "里有不认识的代码，上级须先于下级",
                                   "has a code that is not known; a parent comes before what lies in it"));
    if (!written) co_return refuse(written.error());
    v1::PutRegionsResponse response;
    response.set_regions(body.regions_size());
    co_return answer(response);
}

net::Task<net::HttpResponse> list_suppliers(Services& services, Call) {
    co_return co_await list_of_ledger(services, &ledger::list_suppliers);
}

net::Task<net::HttpResponse> get_supplier(Services& services, Call call) {
    const auto supplier = OrganisationId::parse(call.parameters[0]);
    if (!supplier) co_return refuse(Errc::not_found);
    co_return co_await answer_supplier(services, *supplier);
}

net::Task<net::HttpResponse> apply_as_supplier(Services& services, Call call) {
    v1::ApplyAsSupplierRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem =
            rules::first_of({rules::id("organisationId", body.organisation_id()),
                             rules::id_or_empty("recommendedBy", body.recommended_by()), check_why(body.why())}))
        co_return refuse(*problem);
    const OrganisationId supplier(body.organisation_id());
    auto apply = [supplier, body, change = change_of(services, call, body.why())](ledger::Database& db) {
        return ledger::apply_as_supplier(db, supplier, body.recommended_by(), change);
    };
    const Result<> applied = co_await services.ledger.write(std::move(apply));
    if (!applied && applied.error() == Errc::conflict)
        co_return refuse(Problem{Errc::conflict, "这个组织已经登记过，请查看它的审核状态。",
                                 "This organisation is in the register already; see its state."});
    if (!applied) co_return refuse(applied.error());
    co_return co_await answer_supplier(services, supplier);
}

net::Task<net::HttpResponse> set_supplier_state(Services& services, Call call) {
    v1::SetSupplierStateRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_why(body.why())) co_return refuse(*problem);
    const auto supplier = OrganisationId::parse(call.parameters[0]);
    if (!supplier) co_return refuse(Errc::not_found);
    auto set = [supplier = *supplier, state = static_cast<int>(body.state()),
                change = change_of(services, call, body.why())](ledger::Database& db) {
        return ledger::set_supplier_state(db, supplier, state, change);
    };
    const Result<> written = co_await services.ledger.write(std::move(set));
    if (!written && written.error() == Errc::conflict)
        co_return refuse(Problem{Errc::conflict, "不能从现在的状态改成这个状态，请刷新后再看。",
                                 "That is no step from the supplier's present state; reload and look again."});
    if (!written) co_return refuse(written.error());
    co_return co_await answer_supplier(services, *supplier);
}

}  // namespace livefair::api
