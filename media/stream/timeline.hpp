#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "stream/packet.hpp"

namespace livefair::stream {

/// Maps a publisher's 32-bit millisecond timestamps to one timeline that never goes back, for video and audio together.
/// Repairs: wrap at 2^32; tracks on different bases; jumps of either or both (the timeline goes on at the nominal step, and goes back
/// to the old relation when they do: a frame stamped hours away costs nothing); equal and slightly falling timestamps (pushed 1 ms
/// forward); gaps of the whole stream longer than `gap_max_us`, which players of short parts can't bridge (closed up), unless its
/// pictures are always that far apart. O(1) per packet.
class Timeline {
public:
    explicit Timeline(std::int64_t gap_max_us) : gap_max_us_(gap_max_us) {}

    /// A point of the timeline, microseconds. `said_us` is where the timestamp itself falls, before it was pushed forward for
    /// the sake of rising DTS; a picture's composition time counts from there.
    struct Point {
        std::int64_t dts_us = 0;
        std::int64_t said_us = 0;
    };

    /// The publisher has (re)connected: whatever timestamps come now follow what was there before.
    void begin_run();
    /// For a packet of `track` that usually lasts `nominal_us`.
    Point map(Track track, std::uint32_t timestamp_ms, std::int64_t nominal_us);
    /// Jumps, gaps and falling timestamps repaired so far.
    std::uint64_t repairs() const { return repairs_; }

private:
    struct State {
        bool seen = false;       // in this run
        std::int64_t in_ms = 0;  // last timestamp, unwrapped
        std::int64_t offset_us = 0;
        std::optional<std::int64_t> old_offset_us;  // before the last jump
        std::int64_t out_us = -1;
        std::int64_t nominal_us = 0;
        std::int64_t step_us = 0;  // the longest step of late, as the publisher stamps
    };
    std::int64_t unwrap(const State& state, const State& other, std::uint32_t timestamp_ms) const;
    void place_first(State& state, const State& other, std::int64_t in_us);
    void follow_jump(State& state, const State& other, std::int64_t in_us);
    void close_gap(State& state, State& other, std::int64_t in_us);

    std::int64_t gap_max_us_;
    std::array<State, 2> states_;
    std::int64_t run_start_us_ = 0;
    std::uint64_t repairs_ = 0;
};

/// Puts AAC frames on their sample grid: FLV's milliseconds are too coarse for a decoder. Follows the timeline again when the
/// two differ by more than 50 ms.
class SampleGrid {
public:
    explicit SampleGrid(int sample_rate) : sample_rate_(sample_rate) {}
    /// The frame's DTS in samples for a timeline DTS; no value: drop the frame, the publisher sends more audio than time passes.
    std::optional<std::int64_t> place(std::int64_t dts_us);
    int sample_rate() const { return sample_rate_; }

private:
    int sample_rate_;
    std::optional<std::int64_t> next_;
};

/// The relay's clock for points of the timeline. Anchored at the first packet, then follows the least-delayed packet of each
/// 2 s by at most 5 ms, so that network jitter and clock drift move it slowly; more than 1 s off, it is set anew.
class WallMap {
public:
    void begin_run() { anchored_ = false; }
    std::int64_t to_wall_ms(std::int64_t dts_us, std::int64_t now_unix_ms);

private:
    bool anchored_ = false;
    std::int64_t offset_ms_ = 0;
    std::int64_t least_ms_ = 0;
    std::int64_t bucket_end_us_ = 0;
};

}  // namespace livefair::stream
