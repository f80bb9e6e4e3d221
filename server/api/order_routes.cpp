#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include "api/creation.hpp"
#include "commerce/checkout.hpp"
#include "ledger/orders.hpp"
#include "ledger/people.hpp"

namespace livefair::api {
namespace {

int status_of(const v1::OrderAnswer& order_answer) {
    switch (order_answer.outcome()) {
        case v1::OUTCOME_ACCEPTED:
            return 200;
        case v1::OUTCOME_REJECTED:
            return order_answer.reason() == v1::REJECT_REASON_CONFLICT ? 409 : 422;
        default:
            return 503;
    }
}

/// The buyer's own order; anybody else's does not exist for them.
net::Task<Result<v1::Order>> read_order(Services& services, AccountId buyer, std::string id) {
    if (!is_id_text(id)) co_return Errc::not_found;
    auto find = [buyer, order = OrderId(id)](ledger::Database& db) { return ledger::find_order(db, order, buyer); };
    co_return co_await services.ledger.read(std::move(find));
}

}  // namespace

net::Task<net::HttpResponse> list_addresses(Services& services, Call call) {
    auto list = [account = call.who.account](ledger::Database& db) { return ledger::list_addresses(db, account); };
    const Result<v1::ListAddressesResponse> addresses = co_await services.ledger.read(std::move(list));
    co_return addresses ? answer(*addresses) : refuse(addresses.error());
}

net::Task<net::HttpResponse> create_address(Services& services, Call call) {
    v1::Address body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    auto create = [body, account = call.who.account, now_ms = services.clock.unix_ms()](ledger::Database& db) {
        return ledger::create_address(db, account, body, now_ms);
    };
    const Result<> created = co_await services.ledger.write(std::move(create));
    if (!created) co_return refuse(created.error());
    body.set_phone(ledger::mask_phone(body.phone()));
    co_return answer(body);
}

net::Task<net::HttpResponse> place_order(Services& services, Call call) {
    v1::PlaceOrder body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    const auto key = call.request.header("idempotency-key");
    if (!key.empty() && key != body.order_id())
        co_return refuse(bad_field("Idempotency-Key", "必须与 orderId 相同", "must equal orderId"));
    const v1::OrderAnswer placed = co_await services.checkout.place(call.who.account, std::move(body));
    co_return answer(placed, status_of(placed));
}

net::Task<net::HttpResponse> list_orders(Services& services, Call call) {
    auto list = [buyer = call.who.account](ledger::Database& db) { return ledger::list_orders(db, buyer); };
    const Result<std::vector<v1::Order>> orders = co_await services.ledger.read(std::move(list));
    if (!orders) co_return refuse(orders.error());
    v1::ListOrdersResponse response;
    for (const auto& order : *orders) *response.add_orders() = order;
    co_return answer(response);
}

net::Task<net::HttpResponse> get_order(Services& services, Call call) {
    const Result<v1::Order> order = co_await read_order(services, call.who.account, call.parameters[0]);
    co_return order ? answer(*order) : refuse(order.error());
}

net::Task<net::HttpResponse> cancel_order(Services& services, Call call) {
    const Result<v1::Order> order = co_await read_order(services, call.who.account, call.parameters[0]);
    if (!order) co_return refuse(order.error());
    const v1::CancelOrderResponse cancelled =
        co_await services.checkout.cancel(call.who.account, ShowId(order->show_id()), OrderId(order->id()));
    co_return answer(cancelled, cancelled.outcome() == v1::OUTCOME_UNKNOWN ? 503 : 200);
}

}  // namespace livefair::api
