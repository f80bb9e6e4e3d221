#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/recording.hpp"

/// What a recording looks like from outside. All of it is made from its manifest alone.
namespace livefair::record {

/// The whole recording as a VOD playlist (RFC 8216bis 4.4.3.5); while it is still being written, as an EVENT playlist without an end.
/// There is at least one segment.
std::string render_replay(const Recording& recording);

/// A product's clip (讲解回放): the segments from the one that holds the cue's beginning to the one that holds its end, with EXT-X-START
/// at the cue. None: no such cue, it has not ended yet, or nothing of it was recorded.
std::optional<std::string> render_clip(const Recording& recording, std::string_view cue_id);

/// The segments of a clip, as a half-open range of indexes; none as above.
struct SegmentRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};
std::optional<SegmentRange> clip_segments(const Recording& recording, std::string_view cue_id);

/// One object of list.json.
struct ListedRecording {
    const Recording* recording = nullptr;
    bool has_poster = false;
};
/// `[{id, startMs, endMs, durationMs, bytes, lostMs, live, poster}]`, newest first.
std::string list_json(const std::vector<ListedRecording>& recordings);

/// `[{id, kind, offerId, title, priceFen, startMs, endMs, ready}]` by start; ready: its clip can be played.
std::string clips_json(const Recording& recording);

}  // namespace livefair::record
