#pragma once

#include <cstdint>
#include <string>

namespace livefair::bench {

/// What redis-benchmark does with place3 in about `seconds`: 50 clients, depth 16, -r 100000000, fresh keys, a Redis of its own with config/redis.conf
/// (appendfsync always).
struct PeerFigures {
    std::int64_t orders = 0;  ///< By XLEN.
    double seconds = 0;
    double redis_cpu_s = 0;   ///< INFO used_cpu_user + used_cpu_sys.
};
/// `library`: the file with place3. Throws std::runtime_error when it can't be loaded or nothing is placed.
PeerFigures run_peer(const std::string& library, int seconds);

}  // namespace livefair::bench
