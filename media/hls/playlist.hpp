#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hls/window.hpp"
#include "stream/packet.hpp"

namespace livefair::hls {

std::string part_name(std::uint64_t session, std::uint64_t number);
std::string segment_name(std::uint64_t sequence);
std::string init_name(std::uint64_t id);

/// live.m3u8 (RFC 8216bis): the listed segments, the parts of the last three target durations, the hint for the next part.
/// Rendered once per part. There is at least one complete segment in `snapshot`.
std::string render_media_playlist(const Snapshot& snapshot, const Timing& timing);

/// index.m3u8: the one variant, with its measured peak and mean bit rate over the complete segments.
std::string render_multivariant_playlist(const Snapshot& snapshot, const stream::Tracks& tracks);

}  // namespace livefair::hls
