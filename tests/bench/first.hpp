#pragma once

#include <string>

#include "bench/seed.hpp"

namespace livefair::bench {

/// Measures the running demo from outside and prints one line of JSON: how long a chat line takes from its sender to another
/// viewer, and an order from its buyer to "accepted" (strict mode: after the ledger's commit), each as p50 and p99 in milliseconds
/// with n. The orders are cancelled again. Errors: those of Buyer; timed_out - a line did not arrive.
net::Task<Result<>> measure_first(std::string url, std::string room);

}  // namespace livefair::bench
