#pragma once

#include <cstdint>
#include <string_view>

#include "flv/tag.hpp"

namespace livefair::flv {

constexpr unsigned frame_key = 1, frame_command = 5;  ///< Frame types of both video headers.

constexpr std::int32_t signed_24(std::uint64_t value) {
    return static_cast<std::int32_t>(value) - ((value & 0x800000) != 0 ? 0x1000000 : 0);
}

/// Tags with the extended headers of Enhanced RTMP v2 ("Enhanced Video", "Enhanced Audio"), the first byte included. ModEx
/// packets are skipped; of multitrack, one track with the id 0 is taken. Errors: as parse_video and parse_audio.
Result<VideoTag> parse_enhanced_video(std::string_view body);
Result<AudioTag> parse_enhanced_audio(std::string_view body);

}  // namespace livefair::flv
