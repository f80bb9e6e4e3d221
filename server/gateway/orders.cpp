#include <livefair/v1/socket.pb.h>

#include <chrono>

#include "base/metrics.hpp"
#include "commerce/checkout.hpp"
#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"

namespace livefair::gateway {
namespace {

/// Looked up once: the registry takes microseconds for each question.
metrics::Counter& count_of(v1::Outcome outcome) {
    const auto make = [](v1::Outcome each) {
        return metrics::counter("livefair_orders_total", "Answers to orders, over WebSocket.", {{"outcome", v1::Outcome_Name(each)}});
    };
    static auto accepted = make(v1::OUTCOME_ACCEPTED), rejected = make(v1::OUTCOME_REJECTED), unknown = make(v1::OUTCOME_UNKNOWN);
    return outcome == v1::OUTCOME_ACCEPTED ? accepted : outcome == v1::OUTCOME_REJECTED ? rejected : unknown;
}

void measure(const v1::OrderAnswer& answer, std::chrono::steady_clock::duration took) {
    static auto seconds = metrics::histogram("livefair_order_seconds", "From an order's arrival to its answer, over WebSocket.",
                                             {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5});
    seconds.observe(std::chrono::duration<double>(took).count());
    count_of(answer.outcome()).add();
}

}  // namespace

net::Task<v1::ServerMessage> place_order(Session& session, v1::PlaceOrder message) {
    const auto started = session.services().clock.steady();
    const RoomId any_room;
    const auto allowed = co_await session.check(auth::Action::buy, any_room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    auto& checkout = session.services().ledger_side->checkout;
    v1::OrderAnswer answer = co_await checkout.place(session.identity().account, std::move(message));
    measure(answer, session.services().clock.steady() - started);
    v1::ServerMessage reply;
    reply.mutable_order_answer()->Swap(&answer);
    co_return reply;
}

net::Task<v1::ServerMessage> cancel_order(Session& session, v1::CancelOrder message) {
    const RoomId any_room;
    const auto allowed = co_await session.check(auth::Action::buy, any_room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const auto show = ShowId::parse(message.show_id());
    const auto order = OrderId::parse(message.order_id());
    if (!show || !order) co_return failure(Errc::invalid_input);
    const auto response = co_await session.services().ledger_side->checkout.cancel(session.identity().account, *show, *order);
    // The order itself follows as OrderChanged, to all the buyer's connections.
    if (response.outcome() == v1::OUTCOME_ACCEPTED) co_return done();
    if (response.outcome() == v1::OUTCOME_UNKNOWN) co_return failure(Errc::redis_unknown);
    co_return failure(Errc::conflict, "该订单不能取消，请在“我的订单”中查看。", "This order can't be cancelled; see \"my orders\".");
}

}  // namespace livefair::gateway
