#include "commerce/order_desk.hpp"

#include <livefair/v1/order.pb.h>

#include "ledger/orders.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {

/// "<account id> " + v1::Order bytes, as on `lf:orders`.
Result<std::string> read_notice(Database& database, const OrderId& id) {
    const auto buyer = database.query("SELECT buyer_id FROM orders WHERE id = ?", {id.str()});
    if (!buyer) return buyer.error();
    if (buyer->empty()) return make_error_code(Errc::not_found);
    const auto order = ledger::find_order(database, id, AccountId());
    if (!order) return order.error();
    return buyer->front().text(0) + " " + order->SerializeAsString();
}

}  // namespace

net::Task<Result<ledger::StepOutcome>> OrderDesk::step(ledger::Step step) {
    const auto order = step.order;
    auto take = [step = std::move(step)](Database& database) { return ledger::take_step(database, step); };
    const auto outcome = co_await ledger_.write(std::move(take));
    if (outcome && *outcome == ledger::StepOutcome::taken) co_await tell_buyer(order);
    co_return outcome;
}

net::Task<Result<ledger::RefundAnswer>> OrderDesk::wish_refund(ledger::RefundWish wish) {
    const auto order = wish.order;
    auto take = [wish = std::move(wish)](Database& database) { return ledger::wish_refund(database, wish); };
    const auto taken = co_await ledger_.write(std::move(take));
    if (taken && taken->outcome == ledger::RefundAnswer::Outcome::taken) co_await tell_buyer(order);
    co_return taken;
}

net::Task<Result<ledger::RefundAnswer>> OrderDesk::decide_refund(ledger::RefundDecision decision) {
    const auto refund = decision.id;
    auto take = [decision = std::move(decision)](Database& database) {
        return ledger::decide_refund(database, decision);
    };
    const auto taken = co_await ledger_.write(std::move(take));
    if (taken && taken->outcome == ledger::RefundAnswer::Outcome::taken) co_await tell_buyer_of(refund);
    co_return taken;
}

net::Task<Result<ledger::RefundAnswer>> OrderDesk::resolve_failed(ledger::FailedRefund failed) {
    const auto refund = failed.id;
    auto take = [failed = std::move(failed)](Database& database) {
        return failed.reference.empty() ? ledger::ask_again(database, failed) : ledger::settle_outside(database, failed);
    };
    const auto taken = co_await ledger_.write(std::move(take));
    if (taken && taken->outcome == ledger::RefundAnswer::Outcome::taken) co_await tell_buyer_of(refund);
    co_return taken;
}

net::Task<> OrderDesk::tell_buyer_of(std::string refund) {
    auto read = [id = std::move(refund)](Database& database) {
        return database.query("SELECT order_id FROM refunds WHERE id = ?", {id});
    };
    const auto order = co_await ledger_.read(std::move(read));
    if (order && !order->empty()) co_await tell_buyer(OrderId(order->front().text(0)));
}

net::Task<> OrderDesk::tell_buyer(OrderId order) {
    auto read = [order](Database& database) { return read_notice(database, order); };
    const auto notice = co_await ledger_.read(std::move(read));
    if (!notice) co_return;
    redis::Client::Command command{"SPUBLISH", "lf:orders", *notice};
    (void)co_await redis_.command(std::move(command));
}

}  // namespace livefair::commerce
