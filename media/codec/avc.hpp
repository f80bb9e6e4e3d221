#pragma once

#include <string_view>

#include "codec/video.hpp"

namespace livefair::codec {

/// Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) and its first sequence parameter set.
/// Errors: Errc::invalid_input (truncated, no SPS or PPS, senseless sizes).
Result<VideoConfig> parse_avc_config(std::string_view record);

}  // namespace livefair::codec
