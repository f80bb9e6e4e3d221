#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "stream/packet.hpp"

namespace livefair::hls {

/// Writes movie fragments, moof + mdat (ISO/IEC 14496-12 8.8 and 8.1.1), for a movie whose moov has no samples and whose trex boxes
/// name no defaults. Track 1 is the first that the stream has, video before audio. Packets are held, not copied, until take(); each
/// payload is copied once. Not thread-safe.
class FragmentWriter {
public:
    explicit FragmentWriter(const stream::Tracks& tracks);

    /// DTS must rise within a track. Errors: Errc::internal - the stream has no such track.
    Result<> add(const stream::Packet& packet);
    /// The packets since the last take() as one fragment; empty when there were none.
    std::string take();

private:
    struct TrackRun {
        std::uint32_t id = 0;  // 0: the stream has no such track
        std::vector<stream::Packet> packets;
    };
    static std::size_t traf_bytes(const TrackRun& run, stream::Track track);
    static void write_traf(std::string& out, const TrackRun& run, stream::Track track, std::size_t data_offset);

    std::array<TrackRun, 2> runs_;  // by stream::Track
    std::uint32_t sequence_ = 0;
};

}  // namespace livefair::hls
