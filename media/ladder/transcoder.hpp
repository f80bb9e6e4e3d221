#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "ladder/rung.hpp"
#include "stream/packet.hpp"

namespace livefair::ladder {

/// Makes one rung's frames: libavcodec decodes, libswscale scales, x264 encodes. A key frame of the source gives a key frame with the
/// same PTS, and nothing else does, so that both renditions can be cut at the same places; there are no B-frames. No I/O, no thread
/// of its own: the caller's thread does the work. Not thread-safe.
class Transcoder {
public:
    /// `video`: what the packets to come are coded with.
    /// Errors: Errc::unsupported - the source is no higher than the rung, or libavcodec can't decode or encode it.
    static Result<std::unique_ptr<Transcoder>> create(const Rung& rung, const stream::Tracks& source);
    ~Transcoder();

    /// Tracks of what comes out: H.264 and the source's audio. Valid after create().
    const stream::Tracks& tracks() const;
    /// Takes one video packet, the first being a key frame; returns the frames that are ready, in order. A packet that can't be
    /// decoded gives nothing. DTS are the source's own: PTS less the source's reordering delay.
    /// Errors: Errc::internal - the encoder failed.
    Result<std::vector<stream::Packet>> push(const stream::Packet& packet);
    /// The frames still inside; nothing may be pushed afterwards.
    Result<std::vector<stream::Packet>> finish();

private:
    class Impl;
    explicit Transcoder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::ladder
