#pragma once

#include <string_view>

#include "codec/video.hpp"

namespace livefair::codec {

/// Reads an AV1CodecConfigurationRecord (AV1 in ISOBMFF, 2.3) and the sequence header OBU in it.
/// Errors: Errc::invalid_input (truncated, no sequence header, senseless sizes).
Result<VideoConfig> parse_av1_config(std::string_view record);

/// Whether `frame` is a chain of OBUs that ends where the frame ends; the last may lack its size (AV1, 5.3.1).
bool is_obu_chain(std::string_view frame);

}  // namespace livefair::codec
