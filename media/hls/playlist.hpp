#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hls/window.hpp"

namespace livefair::hls {

std::string part_name(std::uint64_t session, std::uint64_t number);
std::string segment_name(std::uint64_t sequence);
std::string init_name(std::uint64_t id);

/// How far another rendition has come (EXT-X-RENDITION-REPORT).
struct RenditionReport {
    std::string uri;  ///< Of its media playlist, relative to the one that reports.
    std::uint64_t last_sequence = 0;
    std::uint64_t last_part = 0;
};
/// Of a snapshot with at least one complete segment.
RenditionReport report_of(const Snapshot& snapshot, std::string uri);

struct MediaPlaylistForm {
    /// A delta update (RFC 8216bis 6.2.5.1); the whole playlist where nothing can be skipped.
    bool delta = false;
    /// Of the rendition with the audio track alone: segments without one are gaps in it.
    bool audio_only = false;
    std::vector<RenditionReport> reports;
};
/// live.m3u8 (RFC 8216bis): the listed segments, the parts of the last three target durations, the hint for the next part.
/// There is at least one complete segment in `snapshot`.
std::string render_media_playlist(const Snapshot& snapshot, const Timing& timing, const MediaPlaylistForm& form = {});

/// One entry of index.m3u8.
struct Variant {
    std::string uri;
    const Snapshot* snapshot = nullptr;  ///< With a complete segment.
    bool audio_only = false;
};
/// index.m3u8, with each variant's measured peak and mean bit rate over the complete segments.
std::string render_multivariant_playlist(const std::vector<Variant>& variants);

}  // namespace livefair::hls
