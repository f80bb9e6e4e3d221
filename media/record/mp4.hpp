#pragma once

#include <functional>
#include <string>

#include "base/errc.hpp"
#include "record/recording.hpp"
#include "record/replay.hpp"

namespace livefair::record {

/// Writes the segments of `range` into one MP4 at `path`, its index before the media so that it plays while it loads. The timeline runs
/// through discontinuities; what has other codecs than the first segment is left out, as one track can't hold both. Blocks for as
/// long as it takes to read and write the media twice. `progress`: called with 0 to 1; false stops.
/// Errors: Errc::not_found (a file is missing), internal (libavformat or the disk), closed (stopped). Nothing is left at `path` then.
Result<> write_mp4(const std::string& folder, const Recording& recording, SegmentRange range, const std::string& path,
                   const std::function<bool(double)>& progress);

}  // namespace livefair::record
