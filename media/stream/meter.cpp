#include "stream/meter.hpp"

namespace livefair::stream {

void Meter::begin_run(Time now) {
    *this = Meter();
    window_start_ = now;
}

void Meter::add_video_frame(bool key, std::int64_t dts_us) {
    ++frames_;
    if (!key) return;
    if (last_key_us_ >= 0) reading_.key_frame_interval_ms = (dts_us - last_key_us_) / 1000;
    last_key_us_ = dts_us;
}

Meter::Reading Meter::read(Time now) {
    using namespace std::chrono;
    const auto elapsed_ms = duration_cast<milliseconds>(now - window_start_).count();
    // A little less than the 2 s of the reporter's timer, which may come early by a tick.
    if (elapsed_ms < 1900) return reading_;
    reading_.bitrate_bps = static_cast<std::int64_t>(bytes_) * 8000 / elapsed_ms;
    reading_.fps = static_cast<double>(frames_) * 1000.0 / static_cast<double>(elapsed_ms);
    bytes_ = frames_ = 0;
    window_start_ = now;
    return reading_;
}

}  // namespace livefair::stream
