#include <livefair/v1/bulk.pb.h>

#include "api/bulk_checks.hpp"
#include "api/creation.hpp"
#include "ledger/orders.hpp"
#include "ledger/quotes.hpp"

namespace livefair::api {
namespace {

using ledger::DirectOutcome;
using ledger::QuoteOutcome;

net::Task<net::HttpResponse> answer_order(Services& services, OrderId id) {
    auto find = [id](ledger::Database& db) { return ledger::find_order(db, id, AccountId()); };
    const Result<v1::Order> order = co_await services.ledger.read(std::move(find));
    co_return order ? answer(*order) : refuse(order.error());
}

net::Task<net::HttpResponse> answer_direct(Services& services, OrderId id, Result<DirectOutcome> outcome) {
    if (!outcome) co_return refuse(outcome.error());
    if (*outcome != DirectOutcome::taken) co_return refuse(problem_of_outcome(*outcome));
    co_return co_await answer_order(services, id);
}

ledger::Actor actor_of(const Services& services, const Call& call) {
    return {call.who.account, services.clock.unix_ms()};
}

/// A change that has no answer but that it was done.
net::Task<net::HttpResponse> change(Services& services, std::function<Result<>(ledger::Database&)> work) {
    const Result<> done = co_await services.ledger.write(std::move(work));
    co_return done ? empty_answer() : refuse(done.error());
}

/// Writes a checked object and answers with it.
template <class Message, class Create>
net::Task<net::HttpResponse> create(Services& services, Message object, Create store) {
    auto write = [object, store](ledger::Database& db) { return store(db, object); };
    const Result<> written = co_await services.ledger.write(std::move(write));
    co_return written ? answer(object) : refuse(written.error());
}

}  // namespace

net::Task<net::HttpResponse> enter_stall_order(Services& services, Call call) {
    v1::StallOrder body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    ledger::DirectOrder order;
    order.id = OrderId(body.order_id());
    order.show = ShowId(call.parameters[0]);
    order.offer = OfferId(body.offer_id());
    order.count = body.count();
    order.tag = body.tag();
    order.reference = body.reference();
    order.by = call.who.account;
    order.at_ms = services.clock.unix_ms();
    auto place = [order](ledger::Database& db) { return ledger::place_direct(db, order); };
    const Result<DirectOutcome> placed = co_await services.ledger.write(std::move(place));
    co_return co_await answer_direct(services, OrderId(body.order_id()), placed);
}

net::Task<net::HttpResponse> create_quote(Services& services, Call call) {
    v1::Quote body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    body.set_show_id(call.parameters[0]);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_state(v1::QUOTE_STATE_OPEN);
    body.clear_order_id();
    const auto actor = actor_of(services, call);
    body.set_made_ms(actor.at_ms);
    auto write = [actor](ledger::Database& db, const v1::Quote& quote) {
        return ledger::create_quote(db, quote, actor);
    };
    co_return co_await create(services, std::move(body), std::move(write));
}

net::Task<net::HttpResponse> list_quotes(Services& services, Call call) {
    auto list = [show = ShowId(call.parameters[0])](ledger::Database& db) { return ledger::list_quotes(db, show); };
    const Result<v1::ListQuotesResponse> quotes = co_await services.ledger.read(std::move(list));
    co_return quotes ? answer(*quotes) : refuse(quotes.error());
}

net::Task<net::HttpResponse> withdraw_quote(Services& services, Call call) {
    return change(services, [show = ShowId(call.parameters[0]), id = call.parameters[1]](ledger::Database& db) {
        return ledger::withdraw_quote(db, show, id);
    });
}

net::Task<net::HttpResponse> order_by_quote(Services& services, Call call) {
    v1::QuoteOrder body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    auto place = [show = ShowId(call.parameters[0]), quote = call.parameters[1], body,
                  actor = actor_of(services, call)](ledger::Database& db) {
        return ledger::order_by_quote(db, show, quote, body, actor);
    };
    const Result<ledger::QuoteAnswer> placed = co_await services.ledger.write(std::move(place));
    if (!placed) co_return refuse(placed.error());
    if (placed->outcome != QuoteOutcome::taken) co_return refuse(problem_of_quote(*placed));
    co_return co_await answer_order(services, OrderId(body.order_id()));
}

net::Task<net::HttpResponse> note_paid(Services& services, Call call) {
    v1::PaidRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_reference(body.reference())) co_return refuse(*problem);
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) co_return refuse(Errc::not_found);
    const ledger::DirectStep step{ShowId(call.parameters[0]), *order, body.reference(),
                                  call.who.account,           {},     services.clock.unix_ms()};
    auto pay = [step](ledger::Database& db) { return ledger::pay_direct(db, step); };
    const Result<DirectOutcome> paid = co_await services.ledger.write(std::move(pay));
    co_return co_await answer_direct(services, *order, paid);
}

net::Task<net::HttpResponse> release_direct_order(Services& services, Call call) {
    v1::RefundDecision body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_why(body.why())) co_return refuse(*problem);
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) co_return refuse(Errc::not_found);
    const ledger::DirectStep step{ShowId(call.parameters[0]), *order,     {},
                                  call.who.account,           body.why(), services.clock.unix_ms()};
    auto release = [step](ledger::Database& db) { return ledger::release_direct(db, step); };
    const Result<DirectOutcome> released = co_await services.ledger.write(std::move(release));
    co_return co_await answer_direct(services, *order, released);
}

net::Task<net::HttpResponse> get_certificate(Services& services, Call call) {
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) co_return refuse(Errc::not_found);
    auto read = [show = ShowId(call.parameters[0]), order = *order](ledger::Database& db) {
        return ledger::certificate_of(db, show, order);
    };
    const Result<std::string> certificate = co_await services.ledger.read(std::move(read));
    if (!certificate && certificate.error() == Errc::conflict)
        co_return refuse(Problem{Errc::conflict, "只有已付款且没有退款的以购代捐订单才有证书。",
                                 "Only a paid 以购代捐 order without refunds has a certificate."});
    if (!certificate) co_return refuse(certificate.error());
    auto response = net::HttpResponse::text(200, *certificate, "text/plain; charset=utf-8");
    response.headers.emplace_back("Cache-Control", "no-store");
    co_return response;
}

net::Task<net::HttpResponse> create_intent(Services& services, Call call) {
    v1::PurchaseIntent body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    body.set_show_id(call.parameters[0]);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_state(v1::INTENT_STATE_OPEN);
    body.clear_order_id();
    const auto actor = actor_of(services, call);
    body.set_made_ms(actor.at_ms);
    auto write = [actor](ledger::Database& db, const v1::PurchaseIntent& intent) {
        return ledger::create_intent(db, intent, actor);
    };
    co_return co_await create(services, std::move(body), std::move(write));
}

net::Task<net::HttpResponse> list_intents(Services& services, Call call) {
    auto list = [show = ShowId(call.parameters[0])](ledger::Database& db) { return ledger::list_intents(db, show); };
    const Result<v1::ListIntentsResponse> intents = co_await services.ledger.read(std::move(list));
    co_return intents ? answer(*intents) : refuse(intents.error());
}

net::Task<net::HttpResponse> withdraw_intent(Services& services, Call call) {
    return change(services, [show = ShowId(call.parameters[0]), id = call.parameters[1]](ledger::Database& db) {
        return ledger::withdraw_intent(db, show, id);
    });
}

net::Task<net::HttpResponse> create_agreement(Services& services, Call call) {
    v1::SupplyAgreement body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_state(v1::AGREEMENT_STATE_DRAFT);
    body.clear_order_id();
    const auto actor = actor_of(services, call);
    body.set_made_ms(actor.at_ms);
    auto write = [actor](ledger::Database& db, const v1::SupplyAgreement& made) {
        return ledger::create_agreement(db, made, actor);
    };
    co_return co_await create(services, std::move(body), std::move(write));
}

net::Task<net::HttpResponse> list_agreements(Services& services, Call) {
    return list_of_ledger<v1::ListAgreementsResponse>(services, &ledger::list_agreements);
}

net::Task<net::HttpResponse> sign_agreement(Services& services, Call call) {
    return change(services, [id = call.parameters[0]](ledger::Database& db) { return ledger::sign_agreement(db, id); });
}

net::Task<net::HttpResponse> end_agreement(Services& services, Call call) {
    return change(services, [id = call.parameters[0]](ledger::Database& db) { return ledger::end_agreement(db, id); });
}

}  // namespace livefair::api
