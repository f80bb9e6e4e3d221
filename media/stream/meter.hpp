#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stream/packet.hpp"

namespace livefair::stream {

/// What a publisher sends and how it arrives, in windows of 2 s, since it connected.
class Meter {
public:
    using Time = std::chrono::steady_clock::time_point;
    struct Reading {
        std::uint64_t windows = 0;  ///< Closed so far; the means are those of the last one.
        std::int64_t bitrate_bps = 0;
        double fps = 0;
        std::int64_t key_frame_interval_ms = 0;  ///< Between the last two key frames, or since the last one when that is longer.
        std::int64_t av_skew_ms = 0;   ///< Audio's timestamps ahead of video's as they arrive, mean; 0 with one track.
        std::int64_t late_ms = 0;      ///< By how much the latest packet came later, against its timestamp, than the promptest of 10 s.
        std::int64_t packet_age_ms = 0;
    };
    void begin_run(Time now);
    /// A packet of a track as it arrives, with the publisher's own timestamp.
    void add_packet(Track track, std::uint32_t timestamp_ms, std::size_t bytes, Time now);
    void add_video_frame(bool key, std::int64_t dts_us);
    /// Closes the window when it is 2 s old.
    Reading read(Time now);

private:
    /// One track's delay against its timestamps; only differences mean anything.
    struct Arrivals {
        std::optional<std::uint32_t> timestamp_ms;
        std::int64_t said_ms = 0;  // timestamps, unwrapped, without their jumps
        std::array<std::int64_t, 5> least_ms{};  // delay of the promptest packet of each of the last windows
        std::size_t windows = 0;  // of least_ms that count
        bool is_new_window = true;
    };
    void add_arrival(Arrivals& track, std::uint32_t timestamp_ms, Time now);
    void add_skew();

    Time start_{}, window_start_{}, last_packet_{};
    std::array<Arrivals, 2> arrivals_;
    std::size_t bytes_ = 0;
    std::size_t frames_ = 0;
    std::int64_t late_ms_ = 0;
    std::int64_t skew_sum_ms_ = 0, skews_ = 0;
    std::int64_t last_key_us_ = -1;
    Reading reading_;
};

}  // namespace livefair::stream
