#pragma once

#include <memory>

#include "commerce/till.hpp"
#include "ledger/ledger.hpp"
#include "ledger/projector.hpp"

namespace livefair::commerce {

/// Keeps every live show's till true to the ledger: whenever the connected Redis is another one than the till was
/// opened for (restart, lost volume, FLUSHALL), it pauses the till, lets the projector drain the stream, rebuilds the
/// till from the ledger, raises the epoch and opens. Also settles changes of stock and funds that were cut short, and gives back what ended
/// shows have not sold. One per ledger; on the projector's executor; not thread-safe.
class TillKeeper {
public:
    TillKeeper(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, ledger::Projector& projector);
    ~TillKeeper();

    void start();
    /// The task ends at its next step; what was given to the constructor has to live until then.
    void stop();
    /// Rebuilds one show's till now.
    net::Task<Result<>> rebuild(ShowId show);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
