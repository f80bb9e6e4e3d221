#pragma once

#include <string_view>

#include "codec/video.hpp"

namespace livefair::codec {

/// Reads an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1) and its first sequence parameter set.
/// The frame rate is the record's own average; most encoders leave it 0.
/// Errors: Errc::invalid_input (truncated, no VPS, SPS or PPS, senseless sizes).
Result<VideoConfig> parse_hevc_config(std::string_view record);

}  // namespace livefair::codec
