#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "commerce/till.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// Releases unpaid orders whose hold has ended by Redis' clock, in chunks of at most 100, and catches up after any
/// downtime. One per ledger; on one executor; not thread-safe.
class HoldSweeper {
public:
    HoldSweeper(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger,
                std::chrono::milliseconds period);
    ~HoldSweeper();
    /// Asked before the holds of a chunk end; gives those that may end now (the others come again). Set before start().
    using BeforeExpiry = std::function<net::Task<std::vector<OrderId>>(std::vector<OrderId>)>;
    void before_expiry(BeforeExpiry may_expire);
    void start();
    /// The task ends at its next step; what was given to the constructor has to live until then.
    void stop();
    /// Releases all that is due in one show; returns how many orders it released.
    net::Task<Result<std::int64_t>> sweep(ShowId show);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
