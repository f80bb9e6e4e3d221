#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "commerce/payment_provider.hpp"
#include "commerce/reconcile.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// Compares the provider's statement of a day with the ledger's payments. Money of a known order that no webhook told
/// of is settled now; money that no order explains, or of another amount than was agreed on, is noted as stray, and
/// Refunds gives it back. By itself once an hour, for all days since the last time it was through, yesterday at least. One per ledger; on one executor; not thread-safe.
class StatementCheck {
public:
    /// Payments::settle(); empty: nothing is changed, all that differs is reported.
    using Settle = std::function<net::Task<int>(Verified)>;
    struct Report {
        std::int64_t lines = 0;
        std::int64_t amount_fen = 0;
        std::int64_t settled = 0;  ///< Payments that had not been told of.
        std::int64_t unsettled = 0;  ///< Of the differences, those that may be settled the next time.
        std::int64_t strays = 0;
        std::vector<Difference> differences;  ///< What is left for a person.
    };
    StatementCheck(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock,
                   PaymentProvider& provider, Settle settle);
    ~StatementCheck();
    void start();
    /// The task ends at its next step; what was given to the constructor has to live until then.
    void stop();
    /// `day` as day_of(). Errors: those of the provider and the ledger.
    net::Task<Result<Report>> compare(std::int64_t day);

    /// As it does by itself: returns how many days it has compared. Errors: those of compare(). After one, or when a
    /// payment could not be settled, all these days are looked at again the next time.
    net::Task<Result<std::int64_t>> run_once();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
