#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "record/manifest.hpp"

namespace livefair::record {

struct RecordedSegment {
    std::uint64_t sequence = 0;
    std::uint64_t init = 0;
    bool discontinuity = false;  ///< To the one before: a reconnect, a codec change or a gap.
    std::int64_t start_ms = 0;
    std::int64_t duration_us = 0;
    std::uint64_t size = 0;

    std::int64_t end_ms() const { return start_ms + duration_us / 1000; }
};

/// What a manifest says when it is read from begin to end. A value.
struct Recording {
    std::string room;
    std::string id;
    std::int64_t start_ms = 0;
    std::vector<RecordedSegment> segments;  ///< Whole ones, oldest first.
    hls::Cues cues;                         ///< By start; an open one ends with the recording or at the next of its kind.
    std::vector<GapEntry> gaps;
    bool ended = false;

    std::int64_t end_ms() const { return segments.empty() ? start_ms : segments.back().end_ms(); }
    std::int64_t duration_us() const;
    std::uint64_t bytes() const;
    std::int64_t lost_ms() const;
};

/// Errors: Errc::invalid_input - no begin entry. Entries after a fault of the manifest are not looked at.
Result<Recording> to_recording(const Manifest& manifest);

/// Reads <folder>/manifest.jsonl. Blocks. Errors: Errc::not_found, invalid_input, too_large (over 64 MiB).
Result<Manifest> read_manifest(const std::string& folder);

}  // namespace livefair::record
