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

/// Makes a quote, an intent or an agreement, in its first state and of nobody's order yet; of the show that the path names, if it names one.
template <class Message, class State>
net::Task<net::HttpResponse> create_deal(Services& services, Call call, State first,
                                         Result<> (*create)(ledger::Database&, const Message&, const ledger::Actor&)) {
    Message deal;
    if (const auto problem = read_body(call.request, deal)) co_return refuse(*problem);
    deal.set_id(id_or_random(deal.id()));
    if constexpr (requires { deal.show_id(); }) deal.set_show_id(call.parameters[0]);
    if (const auto problem = check(deal)) co_return refuse(*problem);
    const auto actor = actor_of(services, call);
    deal.set_state(first);
    deal.set_made_ms(actor.at_ms);
    deal.clear_order_id();
    auto write = [deal, actor, create](ledger::Database& db) { return create(db, deal, actor); };
    const Result<> written = co_await services.ledger.write(std::move(write));
    co_return written ? answer(deal) : refuse(written.error());
}

template <class Message>
net::Task<net::HttpResponse> list_of_show(Services& services, Call call, Result<Message> (*list)(ledger::Database&, const ShowId&)) {
    auto read = [show = ShowId(call.parameters[0]), list](ledger::Database& db) { return list(db, show); };
    const Result<Message> found = co_await services.ledger.read(std::move(read));
    co_return found ? answer(*found) : refuse(found.error());
}

net::Task<net::HttpResponse> withdraw(Services& services, Call call,
                                      Result<> (*move)(ledger::Database&, const ShowId&, const std::string&)) {
    return change(services, [show = ShowId(call.parameters[0]), id = call.parameters[1], move](ledger::Database& db) {
        return move(db, show, id);
    });
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

net::Task<net::HttpResponse> give_goods(Services& services, Call call) {
    v1::GiftOrder body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    auto place = [show = ShowId(call.parameters[0]), body, actor = actor_of(services, call)](ledger::Database& db) {
        return ledger::place_gift(db, show, body, actor.by, actor.at_ms);
    };
    const Result<DirectOutcome> placed = co_await services.ledger.write(std::move(place));
    co_return co_await answer_direct(services, OrderId(body.order_id()), placed);
}

net::Task<net::HttpResponse> create_quote(Services& services, Call call) {
    return create_deal(services, std::move(call), v1::QUOTE_STATE_OPEN, &ledger::create_quote);
}

net::Task<net::HttpResponse> list_quotes(Services& services, Call call) {
    return list_of_show(services, std::move(call), &ledger::list_quotes);
}

net::Task<net::HttpResponse> withdraw_quote(Services& services, Call call) {
    return withdraw(services, std::move(call), &ledger::withdraw_quote);
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
    return create_deal(services, std::move(call), v1::INTENT_STATE_OPEN, &ledger::create_intent);
}

net::Task<net::HttpResponse> list_intents(Services& services, Call call) {
    return list_of_show(services, std::move(call), &ledger::list_intents);
}

net::Task<net::HttpResponse> withdraw_intent(Services& services, Call call) {
    return withdraw(services, std::move(call), &ledger::withdraw_intent);
}

net::Task<net::HttpResponse> create_agreement(Services& services, Call call) {
    return create_deal(services, std::move(call), v1::AGREEMENT_STATE_DRAFT, &ledger::create_agreement);
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
