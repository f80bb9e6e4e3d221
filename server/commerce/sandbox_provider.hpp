#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "ledger/ledger.hpp"

namespace livefair::commerce {

/// The sandbox in the place of a payment provider: its page shows page(), its button calls confirm(). Moves no money.
class SandboxProvider {
public:
    struct Page {
        std::string payment;
        std::string order;
        std::string title;
        std::int64_t amount_fen = 0;
        std::string state;  ///< created, paid or refund_due.
    };
    /// `notify_url`: where the signed webhook goes, over real HTTP.
    SandboxProvider(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock,
                    std::string notify_url, std::string secret);
    ~SandboxProvider();

    net::Task<Result<Page>> page(PaymentId payment);
    /// Sends the webhook and returns after the first answer; what is not answered with 2xx is sent again after 1, 2, 4
    /// ... s, 8 tries in all. Returns the first answer's status. Errors: not_found; those of the connection.
    net::Task<Result<int>> confirm(PaymentId payment);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
