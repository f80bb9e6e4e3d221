#pragma once

#include <cstdint>
#include <string_view>

#include "base/errc.hpp"
#include "codec/video.hpp"

namespace livefair::flv {

/// The body of an FLV video tag (Adobe FLV 10.1, E.4.3; Veovera Enhanced RTMP v2). `data` points into the tag.
struct VideoTag {
    enum class Kind { config, frame, nothing };
    Kind kind = Kind::nothing;       ///< config: an avcC, hvcC or av1C; nothing: end of sequence, a seek hint, colour metadata.
    codec::VideoKind codec = codec::VideoKind::avc;
    bool key = false;
    std::int32_t composition_ms = 0;  ///< PTS - DTS, signed.
    std::string_view data;            ///< A frame's length-prefixed NAL units, or its OBUs.
};

/// The body of an FLV audio tag that carries AAC.
struct AudioTag {
    enum class Kind { config, frame, nothing };
    Kind kind = Kind::frame;
    std::string_view data;  ///< An AudioSpecificConfig, or one raw AAC frame.
};

/// What onMetaData promises; 0 where it is silent. Hints only: the sequence headers decide.
struct Metadata {
    bool has_video = false;
    bool has_audio = false;
    double fps = 0;
};

/// Takes H.264 (codec id 7), HEVC by the codec id 12 of Chinese encoders, and avc1, hvc1 and av01 by FourCC.
/// Errors: Errc::unsupported (another codec, more than one track, MPEG-2 TS sequence start), invalid_input (truncated).
Result<VideoTag> parse_video(std::string_view body);
/// Takes AAC, by sound format 10 or FourCC mp4a.
/// Errors: Errc::unsupported (another codec, more than one track), invalid_input (truncated).
Result<AudioTag> parse_audio(std::string_view body);
/// Reads an onMetaData message, with or without @setDataFrame. Errors: Errc::invalid_input, too_large, not_found (another data message).
Result<Metadata> parse_metadata(std::string_view body);

}  // namespace livefair::flv
