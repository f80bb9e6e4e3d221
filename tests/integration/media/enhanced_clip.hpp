#pragma once

#include <string>

#include "support/flv_clip.hpp"

namespace livefair::test {

/// An MP4 file's video as enhanced RTMP tags of `four_cc` (hvc1, av01): sequence start, then frames, with composition times where
/// HEVC has any. Throws std::runtime_error when libavformat can't read it.
FlvClip enhanced_clip(const std::string& mp4_file, const std::string& four_cc);

}  // namespace livefair::test
