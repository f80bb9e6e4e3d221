#include <livefair/v1/catalog.pb.h>

#include <tuple>

#include "api/catalog_checks.hpp"
#include "api/creation.hpp"
#include "ledger/organisations.hpp"
#include "ledger/people.hpp"
#include "ledger/products.hpp"

namespace livefair::api {
namespace {

/// Answers with the object, or with what the ledger knows against it.
template <class Message>
net::HttpResponse answer_facts(const Result<std::optional<Problem>>& written, const Message& object) {
    if (!written) return refuse(written.error());
    return *written ? refuse(**written) : answer(object);
}

using WriteOrganisation = Result<> (*)(ledger::Database&, const v1::Organisation&, std::int64_t);

net::Task<net::HttpResponse> write_organisation(Services& services, v1::Organisation organisation,
                                                WriteOrganisation write_one) {
    if (const auto problem = check(organisation)) co_return refuse(*problem);
    if (organisation.level().empty()) organisation.set_level(ledger::level_of_region(organisation.region_code()));
    auto write = [organisation, write_one,
                  now_ms = services.clock.unix_ms()](ledger::Database& db) -> Result<std::optional<Problem>> {
        auto problem = check_facts(db, organisation, now_ms);
        if (!problem || *problem) return problem;
        const auto written = write_one(db, organisation, now_ms);
        if (!written) return written.error();
        return problem;
    };
    const Result<std::optional<Problem>> written = co_await services.ledger.write(std::move(write));
    co_return answer_facts(written, organisation);
}

/// What the ledger knows against writing `product`, or nothing, and it is written.
Result<std::optional<Problem>> write_changes(ledger::Database& db, const v1::Product& product, std::int64_t now_ms) {
    const auto known = ledger::find_product(db, ProductId(product.id()));
    if (!known) return known.error();
    for (const auto& [field, one, other] : {std::tuple("sku", known->sku(), product.sku()),
                                            std::tuple("supplierId", known->supplier_id(), product.supplier_id())})
        if (one != other) return bad_field(field, "不能改，请新建一个商品", "stays as it was made; make another product");
    auto problem = check_facts(db, product, &*known, now_ms);
    if (!problem || *problem) return problem;
    const auto frozen = ledger::frozen_field(db, product);
    if (!frozen) return frozen.error();
    if (!frozen->empty())
        return Problem{Errc::conflict, "“" + *frozen + "”不能再改：已有场次备了这个商品的库存，请新建一个商品。",
                       "\"" + *frozen + "\" can't change any more: shows have stock of this product. Make another one."};
    const auto changed = ledger::change_product(db, product);
    if (!changed) return changed.error();
    return problem;
}

}  // namespace

net::Task<net::HttpResponse> list_organisations(Services& services, Call) {
    co_return co_await list_of_ledger(services, &ledger::list_organisations);
}

net::Task<net::HttpResponse> create_organisation(Services& services, Call call) {
    v1::Organisation body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    co_return co_await write_organisation(services, std::move(body), &ledger::create_organisation);
}

net::Task<net::HttpResponse> change_organisation(Services& services, Call call) {
    v1::Organisation body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    body.set_id(call.parameters[0]);
    co_return co_await write_organisation(services, std::move(body),
                                          [](ledger::Database& db, const v1::Organisation& organisation, std::int64_t) {
                                              return ledger::change_organisation(db, organisation);
                                          });
}

net::Task<net::HttpResponse> list_hosts(Services& services, Call) {
    co_return co_await list_of_ledger(services, &ledger::list_hosts);
}

net::Task<net::HttpResponse> create_host(Services& services, Call call) {
    v1::Host body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    co_return co_await create_in_ledger(services, std::move(body), &ledger::create_host);
}

net::Task<net::HttpResponse> list_products(Services& services, Call) {
    co_return co_await list_of_ledger(services, &ledger::list_products);
}

net::Task<net::HttpResponse> create_product(Services& services, Call call) {
    v1::Product body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    auto create = [body, now_ms = services.clock.unix_ms()](ledger::Database& db) -> Result<std::optional<Problem>> {
        auto problem = check_facts(db, body, nullptr, now_ms);
        if (!problem || *problem) return problem;
        const auto created = ledger::create_product(db, body, now_ms);
        if (!created) return created.error();
        return problem;
    };
    const Result<std::optional<Problem>> created = co_await services.ledger.write(std::move(create));
    co_return answer_facts(created, body);
}

net::Task<net::HttpResponse> change_product(Services& services, Call call) {
    v1::Product body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    body.set_id(call.parameters[0]);
    if (const auto problem = check(body)) co_return refuse(*problem);
    auto change = [body, now_ms = services.clock.unix_ms()](ledger::Database& db) { return write_changes(db, body, now_ms); };
    const Result<std::optional<Problem>> changed = co_await services.ledger.write(std::move(change));
    co_return answer_facts(changed, body);
}

}  // namespace livefair::api
