#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "codec/video.hpp"

namespace livefair::thumb {

/// A key frame and what is needed to decode it alone. The bytes are shared with the stream's packet.
struct KeyFrame {
    codec::VideoKind kind = codec::VideoKind::avc;
    std::string record;  ///< The decoder configuration record.
    SharedBytes bytes;
    std::size_t offset = 0;  ///< Where the frame begins in `bytes`.
    std::int64_t taken_ms = 0;
};

/// Decodes the frame and makes a JPEG of it, at most `width_max` pixels wide, in the shape it is shown in. Some milliseconds of one
/// core: never on a shard. Errors: Errc::unsupported (no decoder), invalid_input (not decodable), internal.
Result<std::string> to_jpeg(const KeyFrame& frame, int width_max);

}  // namespace livefair::thumb
