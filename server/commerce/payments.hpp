#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "commerce/commit_watch.hpp"
#include "commerce/payment_provider.hpp"
#include "commerce/till.hpp"
#include "ledger/ledger.hpp"

namespace livefair::v1 {
class CreatePaymentResponse;
}

namespace livefair::commerce {

/// Payments of orders. The money moves at the provider; the ledger believes only its signed webhook and what it answers
/// when it is asked, never the buyer's browser. One per shard; not thread-safe.
class Payments {
public:
    struct Options {
        std::chrono::milliseconds commit_deadline{3000};
        /// How long after its deadline an order is still held when the provider does not say whether it was paid.
        std::int64_t query_grace_ms = 60'000;
    };

    Payments(Till& till, CommitWatch& watch, ledger::Ledger& ledger, const Clock& clock, PaymentProvider& provider,
             Options options);
    ~Payments();
    const PaymentProvider& provider() const;

    /// Makes (or finds again) the payment of the buyer's own unpaid order; the amount is the ledger's.
    /// Errors: not_found, conflict (the order is not RESERVED); those of the provider.
    net::Task<Result<v1::CreatePaymentResponse>> create(AccountId buyer, OrderId order);
    /// The provider's webhook, header names in lower case, body as it came. Returns what the provider expects: taken
    /// also when seen before, malformed also when stale or not what was agreed.
    net::Task<ProviderAnswer> notify(PayHeaders headers, std::string body);
    /// The buyer says that the order is paid: asks the provider, and settles the order if it is. Errors: not_found.
    net::Task<Result<>> check(AccountId buyer, OrderId order);
    /// Before these orders' holds end: asks the provider about those that have an open payment. Paid ones are settled,
    /// unpaid ones closed there. Returns the orders that may expire now; about the others the provider, or the ledger,
    /// has not answered yet.
    net::Task<std::vector<OrderId>> close_unpaid(std::vector<OrderId> orders);
    /// Money that the provider has, however we learnt of it. Returns one of `notify_status`.
    net::Task<int> settle(Verified verified);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
