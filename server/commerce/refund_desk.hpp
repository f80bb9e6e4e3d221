#pragma once

#include <chrono>
#include <memory>

#include "base/clock.hpp"
#include "commerce/order_desk.hpp"
#include "commerce/till.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// What follows from accepted refunds: goods that were not shipped go on sale again through the till, and the order
/// goes on when the provider has given the money back. All of it is in the ledger, so what a crash or an absent Redis
/// leaves undone is done later, once. One per ledger, on one executor; not thread-safe.
class RefundDesk {
public:
    RefundDesk(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, OrderDesk& orders,
               const Clock& clock, std::chrono::milliseconds period);
    ~RefundDesk();

    void start();
    /// Its task ends soon after; it has to live until then.
    void stop();
    /// One round: at most 100 restocks and 100 answers. Returns how many of both were done.
    net::Task<Result<std::int64_t>> run_once();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
