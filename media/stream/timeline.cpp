#include "stream/timeline.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace livefair::stream {
namespace {

constexpr std::int64_t jump_forward_us = 3'000'000;
constexpr std::int64_t jump_backward_us = 250'000;
constexpr std::int64_t least_step_us = 1'000;
constexpr std::int64_t step_max_us = 1'000'000;
constexpr std::int64_t grid_slack_us = 50'000;
constexpr std::int64_t bucket_us = 2'000'000, slew_ms = 5, reset_ms = 1'000;

}  // namespace

void Timeline::begin_run() {
    for (auto& state : states_) {
        if (state.out_us >= 0) run_start_us_ = std::max(run_start_us_, state.out_us + std::max(state.nominal_us, least_step_us));
        state.seen = false;
        state.old_offset_us.reset();
        state.step_us = 0;
    }
}

Timeline::Point Timeline::map(Track track, std::uint32_t timestamp_ms, std::int64_t nominal_us) {
    auto& state = states_[static_cast<std::size_t>(track)];
    auto& other = states_[1 - static_cast<std::size_t>(track)];
    const auto in_ms = unwrap(state, other, timestamp_ms);
    const auto in_us = in_ms * 1000;
    const auto step_us = state.seen ? in_us - state.in_ms * 1000 : 0;
    state.in_ms = in_ms;
    state.nominal_us = nominal_us;
    if (!state.seen) {
        place_first(state, other, in_us);
    } else if (const auto ahead = in_us + state.offset_us - state.out_us; ahead > jump_forward_us || ahead < -jump_backward_us) {
        follow_jump(state, other, in_us);
    }
    close_gap(state, other, in_us);
    state.step_us = std::max(step_us <= step_max_us ? step_us : 0, state.step_us - state.step_us / 8);

    Point point;
    point.said_us = point.dts_us = in_us + state.offset_us;
    if (state.out_us >= 0 && point.dts_us < state.out_us + least_step_us) {
        point.dts_us = state.out_us + least_step_us;
        ++repairs_;
    }
    point.dts_us = std::max<std::int64_t>(point.dts_us, 0);
    state.out_us = point.dts_us;
    return point;
}

std::int64_t Timeline::unwrap(const State& state, const State& other, std::uint32_t timestamp_ms) const {
    if (!state.seen && !other.seen) return timestamp_ms;
    const auto reference = state.seen ? state.in_ms : other.in_ms;
    return reference + static_cast<std::int32_t>(timestamp_ms - static_cast<std::uint32_t>(reference));
}

void Timeline::place_first(State& state, const State& other, std::int64_t in_us) {
    state.seen = true;
    state.offset_us = run_start_us_ - in_us;
    if (!other.seen) return;
    const bool same_base = std::abs(in_us + other.offset_us - other.out_us) <= jump_forward_us;
    state.offset_us = same_base ? other.offset_us : other.out_us - in_us;
}

void Timeline::follow_jump(State& state, const State& other, std::int64_t in_us) {
    const auto is_by_other = [&](std::int64_t offset_us) {
        const auto at = in_us + offset_us;
        return other.seen && at > state.out_us && std::abs(at - other.out_us) <= jump_forward_us;
    };
    // This track had stalled, and the other has not: no jump at all.
    if (is_by_other(state.offset_us)) return;
    ++repairs_;
    const auto left_us = std::exchange(state.offset_us, state.out_us + state.nominal_us - in_us);
    const auto came_back_us = state.old_offset_us ? in_us + *state.old_offset_us - state.out_us : -1;
    if (is_by_other(other.offset_us)) {
        // Both clocks have jumped alike, or a stray timestamp is over.
        state.offset_us = other.offset_us;
    } else if (came_back_us > 0 && came_back_us <= step_max_us) {
        state.offset_us = *state.old_offset_us;
    }
    state.old_offset_us = left_us;
}

/// When neither track has anything for a while, both go on where they were.
void Timeline::close_gap(State& state, State& other, std::int64_t in_us) {
    const auto newest = std::max({state.out_us, other.out_us, run_start_us_});
    const auto excess = in_us + state.offset_us - newest;
    if (excess <= gap_max_us_ + state.step_us) return;
    const bool together = other.seen && other.offset_us == state.offset_us;
    state.offset_us -= excess - state.nominal_us;
    if (together) other.old_offset_us = std::exchange(other.offset_us, state.offset_us);
    ++repairs_;
}

std::optional<std::int64_t> SampleGrid::place(std::int64_t dts_us) {
    const auto wanted = dts_us * sample_rate_ / 1'000'000;
    const auto slack = grid_slack_us * sample_rate_ / 1'000'000;
    const auto dts = next_ && std::abs(wanted - *next_) <= slack ? *next_ : wanted;
    if (next_ && dts < *next_) return std::nullopt;
    next_ = dts + aac_frame_samples;
    return dts;
}

std::int64_t WallMap::to_wall_ms(std::int64_t dts_us, std::int64_t now_unix_ms) {
    const auto seen_ms = now_unix_ms - dts_us / 1000;
    if (!anchored_) {
        anchored_ = true;
        offset_ms_ = least_ms_ = seen_ms;
        bucket_end_us_ = dts_us + bucket_us;
    }
    least_ms_ = std::min(least_ms_, seen_ms);
    if (dts_us >= bucket_end_us_) {
        const auto off = least_ms_ - offset_ms_;
        offset_ms_ += std::abs(off) > reset_ms ? off : std::clamp(off, -slew_ms, slew_ms);
        least_ms_ = seen_ms;
        bucket_end_us_ = dts_us + bucket_us;
    }
    return offset_ms_ + dts_us / 1000;
}

}  // namespace livefair::stream
