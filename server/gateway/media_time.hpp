#pragma once

#include <cstdint>

#include "gateway/session.hpp"

namespace livefair::gateway {

/// The media time that counts for an act of the host: the one of the picture that the page showed, within [now - 30 s, now] by Redis' clock; 0
/// means now.
net::Task<Result<std::int64_t>> media_time(Session& session, std::int64_t wished_ms);

}  // namespace livefair::gateway
