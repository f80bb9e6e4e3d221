#pragma once

#include <string>

namespace livefair::test {

/// One key frame of a test picture as an MP4 file holds it.
struct CodedFrame {
    std::string record;  ///< avcC, hvcC or av1C.
    std::string data;    ///< Length-prefixed NAL units, or OBUs.
};

/// Runs ffmpeg with `encoder` ("libx265", "libsvtav1"). Throws std::runtime_error when it fails.
CodedFrame make_key_frame(const std::string& encoder, const std::string& size);

}  // namespace livefair::test
