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
    /// `answers_are_relaxed`: see check_server().
    TillKeeper(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, ledger::Projector& projector, bool answers_are_relaxed = false);
    ~TillKeeper();

    void start();
    /// The task ends at its next step; what was given to the constructor has to live until then.
    void stop();
    /// Rebuilds one show's till now. Errors: unsupported - not on this Redis, see check_server(); conflict - another rebuild has begun, or the server
    /// is of an older failover; those of Redis and ledger.
    net::Task<Result<>> rebuild(ShowId show);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
