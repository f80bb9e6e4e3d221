#pragma once

#include <string>
#include <string_view>

#include "stream/packet.hpp"

/// FLV tag bodies as RTMP servers want them (Adobe FLV 10.1, E.4): H.264 and AAC in the plain form, HEVC and AV1 by FourCC
/// (enhanced RTMP, "ExVideoTagHeader").
namespace livefair::push {

/// "hvc1" or "av01"; empty for H.264, which needs none.
std::string_view four_cc_of(codec::VideoKind kind);

/// "@setDataFrame", "onMetaData" and what the tracks say: sizes, rates, codec ids.
std::string metadata_body(const stream::Tracks& tracks);
/// The sequence header of the video (which `tracks` must have).
std::string video_config_body(const stream::Tracks& tracks);
/// The sequence header of the audio (which `tracks` must have).
std::string audio_config_body(const stream::Tracks& tracks);
/// What stands before a frame's own bytes.
std::string video_frame_head(codec::VideoKind kind, const stream::Packet& packet);
std::string_view audio_frame_head();

}  // namespace livefair::push
