#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "hls/cue.hpp"
#include "hls/rendered.hpp"
#include "hls/segment_file.hpp"
#include "stream/packet.hpp"

namespace livefair::hls {

/// An initialization segment (ftyp + moov); `id` is the sequence number of the first segment that needs it.
struct Init {
    std::uint64_t id = 0;
    SharedBytes bytes;
    bool has_video = false;
    bool has_audio = false;
};

/// One moof + mdat. Parts are numbered through, across segments, so that the next one's name is known before it exists.
struct Part {
    std::uint64_t number = 0;
    std::int64_t duration_us = 0;
    bool independent = false;  ///< Holds a key frame.
    SharedBytes bytes;
};

/// A media segment; its bytes are those of its parts.
struct Segment {
    std::uint64_t sequence = 0;
    std::uint64_t discontinuity_sequence = 0;
    bool discontinuity = false;  ///< EXT-X-DISCONTINUITY stands before it.
    std::int64_t program_time_ms = 0;
    std::int64_t duration_us = 0;
    std::size_t size = 0;
    std::shared_ptr<const Init> init;
    std::vector<Part> parts;
    std::shared_ptr<SegmentFile> file;  ///< Null while the segment is open.
};

/// What one rendition of a room offers at one moment: immutable, shared by all shards, replaced whole with each new part.
struct Snapshot {
    std::uint64_t session = 0;   ///< In the parts' names; differs between runs of the program.
    std::uint64_t next_part = 0;
    std::uint64_t next_sequence = 0;  ///< Of the open segment, or of the one to come.
    bool ended = false;
    std::size_t listed = 0;      ///< How many of `segments` (the last ones) the playlist names.
    std::vector<std::shared_ptr<const Segment>> segments;  ///< Complete ones, oldest first; those no longer listed stay a while.
    std::shared_ptr<const Segment> open;                   ///< The one that is still growing; may be null.
    std::shared_ptr<const Cues> cues;                      ///< By start, oldest first: those of the kept segments and the open ones; may be null.
    std::shared_ptr<const stream::Tracks> tracks;          ///< Of the newest segment; never null.
    Rendered rendered;                                     ///< Playlists; there is one as soon as there is a complete segment.
};

/// Lengths that never change while a playlist lives (RFC 8216bis forbids it).
struct Timing {
    std::int64_t part_target_us = 0;
    std::int64_t target_duration_s = 0;
    /// The Skip Boundary of delta updates, six target durations; 0: the window is no longer than that, so they would skip nothing.
    std::int64_t skip_until_us = 0;
};

}  // namespace livefair::hls
