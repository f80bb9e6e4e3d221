#pragma once

namespace livefair::bench {

struct FanoutOptions {
    int rounds = 5;
    int seconds = 20;  ///< Of one measurement, after the warm-up.
    int viewers = 1000;
    int idle = 5000;       ///< Viewers where memory is measured, and of resume and slow.
    int room = 10'000;     ///< Viewers of the large room, and of join.
};

/// Each prints what it does and the rows of its table, and says whether the goal is met. They throw std::runtime_error when a viewer is
/// refused, hung up on, or misses a line.

/// Processor time for each delivered event, side by side with Nchan: 50 lines a second with a tick of 100 ms, and 10 a second without a tick.
void measure_events(const FanoutOptions& options);
/// Memory for each viewer that only waits.
void measure_memory(const FanoutOptions& options);
/// One room with many viewers, 20 lines a second.
void measure_room(const FanoutOptions& options);
/// Viewers join a room by the thousand, beside another room.
void measure_join(const FanoutOptions& options);
/// A gateway is killed; its viewers resume at another one.
void measure_resume(const FanoutOptions& options);
/// A tenth of the viewers of a room stops reading.
void measure_slow(const FanoutOptions& options);
/// Viewers join and leave by the thousand, again and again: what memory remains.
void measure_cycles(const FanoutOptions& options);
/// How many lines a second the chat filter judges, by the length of its list of words.
void measure_words(const FanoutOptions& options);

}  // namespace livefair::bench
