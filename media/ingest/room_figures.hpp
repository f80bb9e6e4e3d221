#pragma once

#include <array>
#include <map>
#include <mutex>
#include <string>

namespace livefair::v1 {
class StreamState;
}

namespace livefair::ingest {

/// The rooms' newest figures as Prometheus metrics livefair_media_room_*, labelled by room. Holds rooms with a stream, at most 500,
/// so that the series stay bounded. Thread-safe.
class RoomFigures {
public:
    void set(const v1::StreamState& state);
    void forget(const std::string& room);
    /// Prometheus' text format.
    std::string to_text() const;

private:
    using Figures = std::array<double, 9>;
    mutable std::mutex mutex_;
    std::map<std::string, Figures> rooms_;
};

}  // namespace livefair::ingest
