#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::codec {

/// What an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) says.
struct AacConfig {
    std::string record;   ///< The whole config, as the muxer wants it.
    std::string codec;    ///< RFC 6381, for instance mp4a.40.2.
    int sample_rate = 0;  ///< Of the core coder: a raw frame has 1,024 samples at this rate.
    int channels = 0;
};

/// Errors: Errc::invalid_input (truncated, unknown rate), unsupported (not AAC: object types other than 1 to 5 and 29).
Result<AacConfig> parse_aac_config(std::string_view record);

}  // namespace livefair::codec
