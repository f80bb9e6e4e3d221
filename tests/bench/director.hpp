#pragma once

#include <chrono>
#include <string>

#include "bench/seed.hpp"

namespace livefair::bench {

/// Runs the evening as its host would, over the WebSocket, round and round: puts the offers on sale, starts each city's segment, pins
/// its offer, and after every seventh city opens the flash sale and pins it, then the bundle. Writes city.txt and host.txt for the
/// picture. Comes back after a lost connection. Returns only for a failure that won't pass: a sign-in that is refused.
net::Task<Result<>> direct(std::string url, DemoFolder folder, std::chrono::seconds segment);

}  // namespace livefair::bench
