#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hls/cue.hpp"

namespace livefair::v1 {
class Offer;
class PinChanged;
}  // namespace livefair::v1

namespace livefair::ingest {

/// One room's cues, made of its events in their order: what is pinned, and which flash sales are open. Events may come twice.
/// Holds at most 256 cues; ended ones leave `keep_ms` after their end, and the oldest when there are too many. Without I/O.
class CueBook {
public:
    explicit CueBook(std::int64_t keep_ms) : keep_ms_(keep_ms) {}

    /// RoomEvent bytes, as published; anything but pins and offers is ignored.
    void on_event(std::string_view event);
    /// The state's field "pin" (RoomEvent bytes; empty: nothing is pinned), for when events may have been missed.
    void on_state(std::string_view pin, std::int64_t now_ms);
    /// Ends sales whose time is over and forgets old cues.
    void on_time(std::int64_t now_ms);

    /// By start; a new object after each change, null before the first cue.
    const std::shared_ptr<const hls::Cues>& cues() const { return shared_; }

private:
    void pin(const v1::PinChanged& pin, std::int64_t at_ms);
    void offer(const v1::Offer& offer, std::int64_t at_ms);
    void end(hls::Cue::Kind kind, std::string_view offer_id, std::int64_t at_ms);
    void add(hls::Cue cue);
    void share() { shared_ = std::make_shared<const hls::Cues>(cues_); }

    std::int64_t keep_ms_;
    hls::Cues cues_;
    std::shared_ptr<const hls::Cues> shared_;
};

}  // namespace livefair::ingest
