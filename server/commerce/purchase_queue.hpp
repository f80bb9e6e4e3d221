#pragma once

#include <cstddef>
#include <memory>

#include "commerce/till.hpp"

namespace livefair::commerce {

/// Puts purchases of one show together: while a call to the till is under way, what comes forms the next one, of at most
/// Till::purchases_max. When nothing is under way a purchase goes at once, alone. One per shard; not thread-safe.
class PurchaseQueue {
public:
    struct Options {
        std::size_t waiting_max = 4096;  ///< Purchases of one show that wait for their call; more are turned away.
    };
    PurchaseQueue(Till& till, Options options);
    ~PurchaseQueue();

    /// The till's decision. Errors: those of Till (a lost reply makes all of its call redis_unknown; each asks again by its own id);
    /// too_many_requests - too many wait, nothing has happened.
    net::Task<Result<Decision>> place(Purchase purchase);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
