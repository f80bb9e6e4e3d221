#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stream/meter.hpp"
#include "stream/packet.hpp"

namespace livefair::stream {

/// What a host should do about the picture; worst first.
enum class Advice { no_video, uplink_weak, no_audio, av_skew, timestamps, drops, key_frames_far, fps_low, bitrate_low, bitrate_high };
constexpr std::size_t advice_count = 10;

/// What advice is drawn from; the counts are since the publisher connected.
struct Vitals {
    Meter::Reading reading;
    std::uint64_t repaired_timestamps = 0;
    std::uint64_t dropped_frames = 0;
};

/// Turns a stream's figures into advice, one window of the meter after the other. A fault must last for two windows (4 s) to be
/// named, and be gone for three to be forgotten, so that nothing flickers on the host's page.
class Adviser {
public:
    /// Worst first; a window that was judged before changes nothing.
    std::vector<Advice> judge(const Tracks& tracks, const Vitals& vitals);

private:
    struct State {
        int bad = 0, good = 0;
        bool shown = false;
    };
    std::array<State, advice_count> states_;
    std::uint64_t windows_ = 0;
    std::uint64_t repaired_ = 0, dropped_ = 0;
};

}  // namespace livefair::stream
