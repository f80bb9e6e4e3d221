#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "commerce/till.hpp"
#include "ledger/ledger.hpp"
#include "ledger/projector.hpp"

namespace livefair::commerce {

/// Recounts each show by itself after its end: reconcile(), once, as soon as no order of it is held any more and what
/// it has not sold is given back. What it finds goes to the log, the metrics and the ledger (table reconciliations),
/// where the operator's page reads it. Of the shows that this program projects, and of those without a till. One per
/// ledger, on the projector's executor; not thread-safe.
class EndCheck {
public:
    EndCheck(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, ledger::Projector& projector,
             const Clock& clock, std::chrono::milliseconds period);
    ~EndCheck();

    void start();
    /// The task ends at its next step; what was given to the constructor has to live until then.
    void stop();
    /// One round; returns how many shows were recounted. A show that shows differences is counted again in the next
    /// rounds, at most three times, before that is noted: something may have been under way.
    net::Task<Result<std::int64_t>> run_once();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
