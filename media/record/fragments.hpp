#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::record {

/// How many bytes at the beginning of a segment's file are complete parts: pairs of moof and mdat boxes (ISO/IEC 14496-12, 4.2).
std::size_t complete_parts_bytes(std::string_view file);

/// How long the media of `segment` last: of its video track, else of its only one. `init`: its ftyp + moov.
/// Errors: Errc::invalid_input - libavformat can't read them.
Result<std::int64_t> media_duration_us(const std::string& init, const std::string& segment);

}  // namespace livefair::record
