#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::codec {

/// What an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) and its first sequence parameter set say.
struct AvcConfig {
    std::string record;                 ///< The whole record ("avcC"), as the muxer wants it.
    std::string codec;                  ///< RFC 6381, for instance avc1.64001f.
    int width = 0;                      ///< Pixels, cropped; 16 to 8192.
    int height = 0;
    double fps = 0;                     ///< From the VUI; 0 when it is silent.
    std::size_t nal_length_bytes = 4;   ///< 1, 2 or 4.
};

/// Errors: Errc::invalid_input (truncated, no SPS or PPS, senseless sizes).
Result<AvcConfig> parse_avc_config(std::string_view record);

/// Whether `frame` is a chain of length-prefixed NAL units that ends where the frame ends (Annex B bytes are not).
bool is_avc_frame(std::string_view frame, std::size_t nal_length_bytes);

}  // namespace livefair::codec
