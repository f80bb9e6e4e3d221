#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "commerce/payment_provider.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// Empties the outbox of refunds (ledger/refund_requests.hpp): asks the provider for each until it has answered, after
/// 1, 2, 4 ... s, at most an hour apart, and never gives up by itself. Asks for payments that came too late and for
/// stray ones besides. One per ledger; on one executor; not thread-safe.
class Refunds {
public:
    struct Options {
        std::chrono::milliseconds period{1000};
        std::int64_t pause_ms = 1000;  ///< Before the second try.
    };
    Refunds(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock, PaymentProvider& provider,
            Options options);
    ~Refunds();
    void start();
    /// The task ends at its next step; what was given to the constructor has to live until then.
    void stop();
    /// One pass over what is due now; returns how many requests the provider has answered.
    net::Task<Result<std::int64_t>> run_once();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
