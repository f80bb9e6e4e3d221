#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace livefair::stream {

/// What a publisher sends, as the mean of the last 2 s.
class Meter {
public:
    using Time = std::chrono::steady_clock::time_point;
    struct Reading {
        std::int64_t bitrate_bps = 0;
        double fps = 0;
        std::int64_t key_frame_interval_ms = 0;  ///< Between the last two key frames; 0 until there were two.
    };
    void begin_run(Time now);
    void add_bytes(std::size_t count) { bytes_ += count; }
    void add_video_frame(bool key, std::int64_t dts_us);
    /// Closes the window when it is 2 s old.
    Reading read(Time now);

private:
    Time window_start_{};
    std::size_t bytes_ = 0;
    std::size_t frames_ = 0;
    std::int64_t last_key_us_ = -1;
    Reading reading_;
};

}  // namespace livefair::stream
