#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace livefair::test {

/// One FLV tag as RTMP carries it. `at_ms` says when a publisher at real-time speed would send it, `timestamp_ms` what it says.
struct FlvTag {
    std::uint8_t type = 0;  ///< 8 audio, 9 video, 18 data: an RTMP message type, too.
    std::int64_t at_ms = 0;
    std::uint32_t timestamp_ms = 0;
    std::string body;

    bool is_video() const { return type == 9; }
    bool is_audio() const { return type == 8; }
    /// A sequence header of H.264 or AAC.
    bool is_config() const;
    bool is_key_frame() const;
    /// A coded frame: neither a sequence header nor an end of sequence nor metadata.
    bool is_frame() const;
};

/// How ffmpeg makes a clip: a moving picture with a counter, and a tone.
struct ClipOptions {
    int seconds = 4;
    int fps = 30;
    int key_frame_every = 30;  ///< Frames.
    std::string size = "320x180";
    bool video = true;
    bool audio = true;
    int sample_rate = 44'100;
    int channels = 1;
    int bitrate_kbps = 0;  ///< Of the video; 0: small, as quality asks.
    std::vector<std::string> arguments = {};  ///< Added last, for instance "-bf", "2".
};

/// Real H.264 and AAC in the order of an FLV file: metadata, sequence headers, frames. A value; change tags as the test needs.
struct FlvClip {
    std::vector<FlvTag> tags;
    std::int64_t duration_ms = 0;  ///< Until the next repetition would begin.

    /// Runs ffmpeg, or takes what an earlier test made with the same options (files in the build folder).
    /// Throws std::runtime_error when ffmpeg fails.
    static FlvClip make(const ClipOptions& options = {});
    /// The tags of an FLV file. Throws std::runtime_error when it is none.
    static FlvClip parse(std::string_view file);

    /// The frames `times` times in a row with rising timestamps; metadata and sequence headers once.
    FlvClip repeated(int times) const;
    /// Every tag `by_ms` later, in `at_ms` and timestamp.
    FlvClip later(std::int64_t by_ms) const;
    /// Timestamps alone moved, modulo 2^32.
    FlvClip stamped(std::int64_t by_ms) const;
    /// This clip, then `next` moved so that it follows in time (sequence headers and all).
    FlvClip then(const FlvClip& next) const;
    FlvClip without_audio() const;
    FlvClip without_video() const;
    std::size_t video_frames() const;
    std::size_t audio_frames() const;
};

}  // namespace livefair::test
