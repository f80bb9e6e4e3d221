#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "ledger/database.hpp"

using PGconn = struct pg_conn;

namespace livefair::ledger::postgres {

struct CloseConnection {
    void operator()(PGconn* connection) const;
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

/// Connects to the server of `url` that takes writes, waiting 5 s for each host at the most, and sees to it that what it
/// calls committed is on its disk. `timeline`: the newest one seen so far (Database::Options); raised. Empty, with the reason in `why`, when
/// that fails. A password never gets into `why`.
Connection connect(const std::string& url, Database::Mode mode, std::atomic<std::int64_t>& timeline, std::string& why);

/// When the next try may be made after a lost connection: at once, then 50 ms, doubling to 2 s, each with up to as much
/// again by chance, so that many programs don't come at once.
class BackOff {
public:
    bool may_try() const { return std::chrono::steady_clock::now() >= next_; }
    void failed();
    void succeeded() { delay_ = first_delay; }

private:
    static constexpr std::chrono::milliseconds first_delay{50};
    std::chrono::milliseconds delay_ = first_delay;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace livefair::ledger::postgres
