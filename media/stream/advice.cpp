#include "stream/advice.hpp"

#include <cstdlib>

namespace livefair::stream {
namespace {

constexpr int windows_to_show = 2, windows_to_hide = 3;
/// More than players' hold-back of three parts forgives.
constexpr std::int64_t late_ms_max = 500;
constexpr std::int64_t packet_age_ms_max = 1500;
constexpr std::int64_t skew_ms_max = 200;
constexpr std::int64_t key_frame_interval_ms_max = 4000;
constexpr std::uint64_t repairs_max = 2;  // in a window: a lone jump is no fault of the encoder's
constexpr double fps_min = 15;
constexpr double fps_share_min = 0.8;  // of what the encoder announced
/// 0.9 Mbit/s for 1080p30, 0.4 Mbit/s for 720p30: below that moving pictures blur.
constexpr double bits_per_pixel_min = 0.015;
/// What viewers on mobile networks still take.
constexpr std::int64_t bitrate_bps_max = 8'000'000;

using Faults = std::array<bool, advice_count>;

Faults find_faults(const Tracks& tracks, const Meter::Reading& reading, std::uint64_t repaired, std::uint64_t dropped) {
    Faults faults{};
    const auto mark = [&](Advice advice, bool fault) { faults[static_cast<std::size_t>(advice)] = fault; };
    mark(Advice::no_video, !tracks.video);
    mark(Advice::no_audio, !tracks.audio);
    mark(Advice::uplink_weak, reading.late_ms > late_ms_max || reading.packet_age_ms > packet_age_ms_max);
    mark(Advice::av_skew, std::abs(reading.av_skew_ms) > skew_ms_max);
    mark(Advice::timestamps, repaired > repairs_max);
    mark(Advice::drops, dropped > 0);
    mark(Advice::bitrate_high, reading.bitrate_bps > bitrate_bps_max);
    if (!tracks.video) return faults;
    mark(Advice::key_frames_far, reading.key_frame_interval_ms > key_frame_interval_ms_max);
    mark(Advice::fps_low, reading.fps < fps_min || reading.fps < tracks.fps * fps_share_min);
    const double pixels = static_cast<double>(tracks.video->width) * tracks.video->height * reading.fps;
    mark(Advice::bitrate_low, static_cast<double>(reading.bitrate_bps) < pixels * bits_per_pixel_min);
    return faults;
}

}  // namespace

std::vector<Advice> Adviser::judge(const Tracks& tracks, const Vitals& vitals) {
    if (vitals.reading.windows < windows_) *this = Adviser();  // another publisher
    if (vitals.reading.windows != windows_) {
        windows_ = vitals.reading.windows;
        const auto faults = find_faults(tracks, vitals.reading, vitals.repaired_timestamps - repaired_, vitals.dropped_frames - dropped_);
        repaired_ = vitals.repaired_timestamps;
        dropped_ = vitals.dropped_frames;
        for (std::size_t i = 0; i < advice_count; ++i) {
            auto& state = states_[i];
            state.bad = faults[i] ? state.bad + 1 : 0;
            state.good = faults[i] ? 0 : state.good + 1;
            if (state.bad >= windows_to_show) state.shown = true;
            if (state.good >= windows_to_hide) state.shown = false;
        }
    }
    std::vector<Advice> advice;
    for (std::size_t i = 0; i < advice_count; ++i)
        if (states_[i].shown) advice.push_back(static_cast<Advice>(i));
    return advice;
}

}  // namespace livefair::stream
