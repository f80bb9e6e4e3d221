#pragma once

#include "redis/client.hpp"

namespace livefair::commerce {

/// Whether a till may be kept on the server that `redis` is connected to: it evicts no key (an order that is forgotten would be decided anew), and
/// with relaxed answers it has all on disk before it answers. One that does not say (CONFIG may be forbidden there) is taken for fit. Of a cluster
/// one server is asked. Errors: unsupported - it is not fit, and the log says why.
net::Task<Result<>> check_server(redis::Client& redis, bool answers_are_relaxed);

}  // namespace livefair::commerce
