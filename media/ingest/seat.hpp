#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rtmp/session.hpp"

namespace livefair::ingest {

/// Which of a room's two stream keys a publisher has.
enum class Role : std::uint8_t { main, backup };

/// One role's publisher in a room, on air or standing by, and what a decoder must be told before its next key frame: encoders say
/// that only once, at their start. Part of Room.
struct Seat {
    using Time = std::chrono::steady_clock::time_point;

    std::uint64_t number = 0;  ///< Of the publisher; 0: nobody.
    std::string key_hash;
    std::function<void()> hang_up;
    Time last_media{};  ///< When it last sent audio or video.
    std::string metadata, video_config, audio_config;  ///< Message bodies, each at most 64 KiB; empty when none has come.

    bool is_taken() const { return number != 0; }
    /// Whether it could be shown: it has sent a sequence header, and something since `now - within`.
    bool is_ready(Time now, std::chrono::milliseconds within) const;
    /// Keeps what matters of a message.
    void remember(const rtmp::Media& media, Time now);
    /// What to send into the stream before this publisher's frames.
    std::vector<rtmp::Media> preamble() const;
};

}  // namespace livefair::ingest
