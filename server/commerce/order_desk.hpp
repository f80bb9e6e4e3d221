#pragma once

#include "base/id.hpp"
#include "ledger/fulfilment.hpp"
#include "ledger/ledger.hpp"
#include "ledger/refunds.hpp"
#include "redis/client.hpp"

namespace livefair::commerce {

/// What people do with orders once they are paid. The ledger decides; the buyer's pages are told through `lf:orders`,
/// as of the projector's changes. One per shard; not thread-safe.
class OrderDesk {
public:
    OrderDesk(redis::Client& redis, ledger::Ledger& ledger) : redis_(redis), ledger_(ledger) {}

    /// Errors: those of ledger::take_step.
    net::Task<Result<ledger::StepOutcome>> step(ledger::Step step);
    /// Errors: those of ledger::wish_refund.
    net::Task<Result<ledger::RefundAnswer>> wish_refund(ledger::RefundWish wish);
    /// Errors: those of ledger::decide_refund.
    net::Task<Result<ledger::RefundAnswer>> decide_refund(ledger::RefundDecision decision);
    /// ledger::ask_again(), or with a reference ledger::settle_outside(). Errors: theirs.
    net::Task<Result<ledger::RefundAnswer>> resolve_failed(ledger::FailedRefund failed);
    /// Sends the order as it is now to its buyer's connections. A lost message costs the buyer a reload.
    net::Task<> tell_buyer(OrderId order);

private:
    net::Task<> tell_buyer_of(std::string refund);

    redis::Client& redis_;
    ledger::Ledger& ledger_;
};

}  // namespace livefair::commerce
