#pragma once

#include <memory>
#include <string>

#include "base/errc.hpp"
#include "hls/fragment.hpp"
#include "stream/packet.hpp"

namespace livefair::hls {

/// Fragmented MP4 in memory: the initialization segment by libavformat, which knows the sample entries of every codec, and fragments
/// by FragmentWriter, one moof + mdat for each flush(), which costs a fifth of libavformat's. Not thread-safe.
class Fmp4Muxer {
public:
    /// Errors: Errc::internal - libavformat refuses the codec parameters.
    static Result<std::unique_ptr<Fmp4Muxer>> create(const stream::Tracks& tracks);

    /// ftyp + moov.
    const std::string& init() const { return init_; }
    /// Errors: Errc::internal - no such track; nothing is written.
    Result<> write(const stream::Packet& packet) { return fragments_.add(packet); }
    /// The packets since the last flush as one fragment; empty when there were none.
    std::string flush() { return fragments_.take(); }

private:
    Fmp4Muxer(std::string init, const stream::Tracks& tracks) : init_(std::move(init)), fragments_(tracks) {}

    std::string init_;
    FragmentWriter fragments_;
};

}  // namespace livefair::hls
