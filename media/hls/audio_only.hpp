#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::hls {

/// The rendition for very weak links: the source's fragments without their video. It is cut out of them when somebody asks, so it costs
/// nothing while nobody does, and has the source's cuts, part numbers and sequence numbers by construction.

/// ftyp + moov with the audio track alone (ISO/IEC 14496-12).
/// Errors: Errc::invalid_input - not an initialization segment; not_found - it has no audio track.
Result<std::string> audio_only_init(std::string_view init);

/// moof + mdat with the audio fragments alone; `init` is the source's. A part in which no audio frame begins has an empty mdat.
/// O(bytes of the moof and of the audio). Errors: Errc::invalid_input - boxes that don't fit; not_found - no audio track.
Result<std::string> audio_only_part(std::string_view init, std::string_view part);

}  // namespace livefair::hls
