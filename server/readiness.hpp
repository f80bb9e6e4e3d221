#pragma once

#include <atomic>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"
#include "net/http.hpp"
#include "net/task.hpp"
#include "redis/client.hpp"

namespace livefair {

/// Whether the program can do its work now, as GET /ready tells a load balancer: Redis and the ledger take a write, no
/// show's till is paused, and nobody has asked the program to stop. Thread-safe.
class Readiness {
public:
    Readiness(ledger::Ledger& ledger, const Clock& clock) : ledger_(ledger), clock_(clock) {}
    void begin_drain() { draining_ = true; }
    bool is_draining() const { return draining_; }
    /// 200 or 503 with {"ready":...,"redis":...,"ledger":...,"tills":...,"draining":...}. `redis` is the calling shard's.
    net::Task<net::HttpResponse> answer(redis::Client& redis) const;

private:
    ledger::Ledger& ledger_;
    const Clock& clock_;
    std::atomic<bool> draining_ = false;
};

}  // namespace livefair
