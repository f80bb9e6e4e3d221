#pragma once

#include <cstdint>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::flv {

/// The body of an FLV video tag (Adobe FLV 10.1, E.4.3) that carries AVC. `data` points into the tag.
struct VideoTag {
    enum class Kind { config, frame, nothing };
    Kind kind = Kind::nothing;       ///< config: an AVCDecoderConfigurationRecord; nothing: end of sequence or a seek hint.
    bool key = false;
    std::int32_t composition_ms = 0;  ///< PTS - DTS, signed.
    std::string_view data;            ///< Length-prefixed NAL units of a frame.
};

/// The body of an FLV audio tag that carries AAC.
struct AudioTag {
    enum class Kind { config, frame };
    Kind kind = Kind::frame;
    std::string_view data;  ///< An AudioSpecificConfig, or one raw AAC frame.
};

/// What onMetaData promises; 0 where it is silent. Hints only: the sequence headers decide.
struct Metadata {
    bool has_video = false;
    bool has_audio = false;
    double fps = 0;
};

/// Errors: Errc::unsupported (not H.264; enhanced RTMP), invalid_input (truncated).
Result<VideoTag> parse_video(std::string_view body);
/// Errors: Errc::unsupported (not AAC), invalid_input (truncated).
Result<AudioTag> parse_audio(std::string_view body);
/// Reads an onMetaData message, with or without @setDataFrame. Errors: Errc::invalid_input, too_large, not_found (another data message).
Result<Metadata> parse_metadata(std::string_view body);

}  // namespace livefair::flv
