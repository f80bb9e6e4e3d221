#pragma once

#include <string>

namespace livefair::bench {

struct MediaOptions {
    int rounds = 5;
    int streams = 10;
    int seconds = 25;        ///< Of one measurement, after the warm-up.
    int warm_up_seconds = 8;
    int players = 2000;
    double minutes = 30;     ///< Of the endurance run.
    std::string clip_folder;
};

/// Each prints what it does and the rows of its table, and says whether the goal is met. They throw std::runtime_error when the two
/// sides did not do the same work.

/// Processor time to repackage, side by side with nginx-rtmp.
void measure_cpu(const MediaOptions& options);
/// What a stream costs in memory besides the bytes of its window.
void measure_memory(const MediaOptions& options);
/// From the moment a part's last frame was sent to the part at a player that waits for it.
void measure_delay(const MediaOptions& options);
/// The same for the playlist, with thousands that wait.
void measure_waiting(const MediaOptions& options);
/// Processor time to deliver segments, side by side with nginx and files.
void measure_delivery(const MediaOptions& options);
/// A long show with many reconnects.
void measure_endurance(const MediaOptions& options);

}  // namespace livefair::bench
