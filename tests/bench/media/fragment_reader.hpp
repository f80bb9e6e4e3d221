#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace livefair::bench {

/// What one track has in a movie fragment.
struct TrackRun {
    std::uint64_t decode_time = 0;  ///< In the track's time scale.
    std::size_t samples = 0;
    std::string_view first_sample;
};
struct Fragment {
    TrackRun video, audio;
    std::size_t bytes = 0;  ///< Of moof and mdat.
};

/// Reads the moof and mdat that `bytes` begin with; track 1 is video, track 2 audio. Throws std::runtime_error when they are not whole.
Fragment read_fragment(std::string_view bytes);

}  // namespace livefair::bench
