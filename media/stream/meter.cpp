#include "stream/meter.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace livefair::stream {
namespace {

/// A larger step is a jump of the publisher's clock, and says nothing of the network.
constexpr std::int64_t step_ms_max = 3000;
/// Tracks further apart stand on bases of their own, and their difference means nothing.
constexpr std::int64_t skew_ms_max = 10'000;

std::int64_t milliseconds_of(Meter::Time::duration time) { return std::chrono::duration_cast<std::chrono::milliseconds>(time).count(); }

}  // namespace

void Meter::begin_run(Time now) {
    *this = Meter();
    start_ = window_start_ = last_packet_ = now;
}

void Meter::add_packet(Track track, std::uint32_t timestamp_ms, std::size_t bytes, Time now) {
    bytes_ += bytes;
    last_packet_ = now;
    add_arrival(arrivals_[static_cast<std::size_t>(track)], timestamp_ms, now);
    if (track == Track::video) add_skew();
}

void Meter::add_arrival(Arrivals& track, std::uint32_t timestamp_ms, Time now) {
    const auto step_ms = track.timestamp_ms ? static_cast<std::int32_t>(timestamp_ms - *track.timestamp_ms) : 0;
    if (std::abs(static_cast<std::int64_t>(step_ms)) > step_ms_max) {
        track = Arrivals();
    } else {
        track.said_ms += step_ms;
    }
    track.timestamp_ms = timestamp_ms;
    const auto delay_ms = milliseconds_of(now - start_) - track.said_ms;
    if (std::exchange(track.is_new_window, false)) {
        std::rotate(track.least_ms.begin(), track.least_ms.end() - 1, track.least_ms.end());
        track.least_ms.front() = delay_ms;
        track.windows = std::min(track.windows + 1, track.least_ms.size());
    }
    track.least_ms.front() = std::min(track.least_ms.front(), delay_ms);
    const auto least_ms = *std::min_element(track.least_ms.begin(), track.least_ms.begin() + static_cast<std::ptrdiff_t>(track.windows));
    late_ms_ = std::max(late_ms_, delay_ms - least_ms);
}

void Meter::add_skew() {
    const auto& video = arrivals_[static_cast<std::size_t>(Track::video)].timestamp_ms;
    const auto& audio = arrivals_[static_cast<std::size_t>(Track::audio)].timestamp_ms;
    if (!video || !audio) return;
    const std::int64_t skew_ms = static_cast<std::int32_t>(*audio - *video);
    if (std::abs(skew_ms) > skew_ms_max) return;
    skew_sum_ms_ += skew_ms;
    ++skews_;
}

void Meter::add_video_frame(bool key, std::int64_t dts_us) {
    ++frames_;
    const auto since_key_ms = last_key_us_ < 0 ? 0 : (dts_us - last_key_us_) / 1000;
    if (key || since_key_ms > reading_.key_frame_interval_ms) reading_.key_frame_interval_ms = since_key_ms;
    if (key) last_key_us_ = dts_us;
}

Meter::Reading Meter::read(Time now) {
    reading_.packet_age_ms = milliseconds_of(now - last_packet_);
    const auto elapsed_ms = milliseconds_of(now - window_start_);
    // A little less than the 2 s of the reporter's timer, which may come early by a tick.
    if (elapsed_ms < 1900) return reading_;
    ++reading_.windows;
    reading_.bitrate_bps = static_cast<std::int64_t>(bytes_) * 8000 / elapsed_ms;
    reading_.fps = static_cast<double>(frames_) * 1000.0 / static_cast<double>(elapsed_ms);
    reading_.late_ms = std::max(late_ms_, std::int64_t{0});
    reading_.av_skew_ms = skews_ > 0 ? skew_sum_ms_ / skews_ : 0;
    bytes_ = frames_ = 0;
    late_ms_ = skew_sum_ms_ = skews_ = 0;
    for (auto& track : arrivals_) track.is_new_window = true;
    window_start_ = now;
    return reading_;
}

}  // namespace livefair::stream
