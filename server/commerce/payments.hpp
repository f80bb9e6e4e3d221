#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "commerce/commit_watch.hpp"
#include "commerce/till.hpp"
#include "ledger/ledger.hpp"

namespace livefair::v1 {
class CreatePaymentResponse;
}

namespace livefair::commerce {

/// The key that signs the provider's webhooks: read from `path`, made there (mode 0600) when missing.
/// Start-up only: throws std::runtime_error that says what to do (unreadable, readable by others, too short).
std::string load_webhook_secret(const std::string& path);

/// Payments of orders. The money moves at the provider; the ledger believes only its signed webhook. One per shard; not
/// thread-safe.
class Payments {
public:
    struct Options {
        std::string site_url;              ///< For pay_url.
        std::vector<std::string> secrets;  ///< Any of them may have signed (two while a key is changed).
        std::int64_t window_s = 300;
        std::chrono::milliseconds commit_deadline{3000};
    };
    using Headers = std::vector<std::pair<std::string, std::string>>;

    Payments(Till& till, CommitWatch& watch, ledger::Ledger& ledger, const Clock& clock, Options options);
    ~Payments();

    /// Makes (or finds again) the payment of the buyer's own unpaid order; the amount is the ledger's.
    /// Errors: not_found, conflict (the order is not RESERVED).
    net::Task<Result<v1::CreatePaymentResponse>> create(AccountId buyer, OrderId order);
    /// The provider's webhook, header names in lower case, body as it came. Returns the HTTP status: 204 taken or seen
    /// before, 400 stale, malformed or not what was agreed, 401 bad signature, 404 unknown order, 413 too large, 503
    /// try again.
    net::Task<int> notify(Headers headers, std::string body);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
