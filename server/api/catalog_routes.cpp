#include <livefair/v1/catalog.pb.h>

#include "api/creation.hpp"
#include "ledger/catalog.hpp"
#include "ledger/people.hpp"

namespace livefair::api {

net::Task<net::HttpResponse> list_organisations(Services& services, Call) {
    co_return co_await list_of_ledger(services, &ledger::list_organisations);
}

net::Task<net::HttpResponse> create_organisation(Services& services, Call call) {
    v1::Organisation body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    co_return co_await create_in_ledger(services, std::move(body), &ledger::create_organisation);
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
    co_return co_await create_in_ledger(services, std::move(body), &ledger::create_product);
}

}  // namespace livefair::api
