#pragma once

#include <vector>

#include "rtmp/chunk.hpp"

namespace livefair::rtmp {

/// Takes an aggregate message (RTMP 1.0 section 7.1.6) apart: a chain of FLV tags, each followed by a back pointer that says
/// nothing new. The first tag's time is the aggregate's; the others keep their distance from it.
/// Errors: Errc::invalid_input (truncated), too_large (more than 1,024 tags).
Result<std::vector<Message>> split_aggregate(const Message& aggregate);

}  // namespace livefair::rtmp
