#pragma once

#include <string>
#include <vector>

#include "integration/media/playlist_watch.hpp"
#include "integration/media/studio.hpp"
#include "support/rtmp_publisher.hpp"

namespace livefair::v1 {
class StreamState;
}

namespace livefair::test {

/// One frame of a track as the demuxer of ffmpeg reads it.
struct MediaFrame {
    double dts = 0, pts = 0, seconds = 0;
};

/// What a player makes of the segments of one discontinuity with one EXT-X-MAP.
struct DecodedRun {
    std::string map;
    std::vector<MediaFrame> video, audio;  ///< Frames in the segments.
    std::size_t video_pictures = 0;        ///< Pictures that the decoder put out.
    std::size_t audio_frames = 0;
    std::string errors;                    ///< What demuxer and decoder complained about.
    std::string picture_size;              ///< "320x180"; empty without video.

    /// Longest time between the ends and beginnings of two neighbouring frames; negative where they overlap most.
    double largest_video_gap() const;
    double largest_audio_gap() const;
};

/// A room of a studio on air: its publishers' socket options, its key and a watch over its playlist from the first moment.
class Broadcast {
public:
    Broadcast(Studio& studio, std::string room);

    /// A new connection with the room's key, accepted.
    RtmpPublisher publisher(RtmpOptions options = {});
    /// publisher(), play(), unpublish(); false when the server hung up meanwhile.
    bool publish(const FlvClip& clip, double speed = 8);
    /// Waits until the last publisher's end has been worked off; then stops the watch and checks that no rule was broken.
    void end();

    v1::StreamState state();
    const std::string& key() const { return key_; }
    const std::string& room() const { return room_; }
    PlaylistWatch& watch() { return watch_; }
    /// After end(): the shows' runs in order, each demuxed and decoded by ffmpeg.
    std::vector<DecodedRun> decode();

private:
    Studio& studio_;
    std::string room_, key_;
    PlaylistWatch watch_;
};

}  // namespace livefair::test
