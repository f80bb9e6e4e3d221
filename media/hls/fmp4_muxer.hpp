#pragma once

#include <memory>
#include <string>

#include "base/errc.hpp"
#include "stream/packet.hpp"

namespace livefair::hls {

/// libavformat's mp4 muxer, writing fragments to memory: one moof + mdat for each flush(). Not thread-safe.
class Fmp4Muxer {
public:
    /// Errors: Errc::internal - libavformat refuses the codec parameters.
    static Result<std::unique_ptr<Fmp4Muxer>> create(const stream::Tracks& tracks);
    ~Fmp4Muxer();

    /// ftyp + moov.
    const std::string& init() const;
    /// Errors: Errc::internal - libavformat refuses the packet; nothing is written.
    Result<> write(const stream::Packet& packet);
    /// The packets since the last flush as one fragment; empty when there were none.
    Result<std::string> flush();

private:
    class Impl;
    explicit Fmp4Muxer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::hls
