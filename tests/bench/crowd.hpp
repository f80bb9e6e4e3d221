#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/errc.hpp"
#include "net/task.hpp"

namespace livefair::bench {

struct CrowdOptions {
    std::string url;
    std::string room;
    std::int64_t viewers = 40;
    std::chrono::seconds duration{0};  ///< 0: until the program is stopped.
    std::chrono::seconds stay{300};    ///< Mean time after which a viewer leaves and another comes.
};

/// What a crowd did, in numbers.
struct CrowdReport {
    std::int64_t joined = 0;
    std::int64_t lost = 0;         ///< Connections that ended before their viewer left.
    std::int64_t events = 0;       ///< Room events received by all viewers together.
    std::int64_t chat_lines = 0;
    std::int64_t likes = 0;
    std::int64_t accepted = 0;
    std::int64_t rejected = 0;
    std::int64_t unknown = 0;      ///< Orders without a final answer.
    std::int64_t paid = 0;
};

/// A room's audience: three in five are guests who watch and like; the others sign in, chat, buy what is pinned or on a flash sale,
/// and mostly pay. Everyone comes and goes. All on the caller's thread.
net::Task<CrowdReport> run_crowd(CrowdOptions options);

}  // namespace livefair::bench
