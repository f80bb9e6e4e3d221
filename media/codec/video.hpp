#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::codec {

enum class VideoKind : std::uint8_t { avc, hevc, av1 };

/// What a decoder needs before the first frame: the record of the sequence header and what it says.
struct VideoConfig {
    VideoKind kind = VideoKind::avc;
    std::string record;                ///< avcC, hvcC or av1C, whole, as the muxer wants it.
    std::string codec;                 ///< RFC 6381, for instance avc1.64001f, hvc1.1.6.L93.B0, av01.0.04M.08.
    int width = 0;                     ///< Pixels, cropped; 16 to 8192.
    int height = 0;
    double fps = 0;                    ///< 0 when the record is silent.
    std::size_t nal_length_bytes = 4;  ///< 1, 2 or 4; of no meaning for AV1.
};

/// Errors: Errc::invalid_input (truncated, parameter sets missing, senseless sizes).
Result<VideoConfig> parse_video_config(VideoKind kind, std::string_view record);

/// Whether `frame` has the outer shape of one: a chain of NAL units (H.264, HEVC) or of OBUs (AV1).
bool is_video_frame(const VideoConfig& config, std::string_view frame);

}  // namespace livefair::codec
