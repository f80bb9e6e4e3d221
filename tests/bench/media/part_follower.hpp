#pragma once

#include <cstdint>
#include <string>

#include "bench/media/http_connection.hpp"
#include "bench/media/live_publisher.hpp"

namespace livefair::bench {

/// Fetches a room's parts one after the other from the first on, waiting for those to come, and counts the video frames in them: so
/// it knows when the last frame of a part was sent.
class PartFollower {
public:
    /// `playlist` names the session in its parts' names.
    PartFollower(int hls_port, std::string room, const std::string& playlist);

    struct Arrived {
        HttpConnection::Time last_frame_sent, at;
    };
    /// The next part; waits for it. Throws std::runtime_error when the server does not give it.
    Arrived next(const LivePublisher& publisher);
    /// Its number.
    std::uint64_t next_number() const { return number_; }

private:
    HttpConnection connection_;
    std::string name_;  // of a part, without its number
    std::uint64_t number_ = 0;
    std::size_t frames_ = 0;
};

/// The number of the part that the playlist hints at.
std::uint64_t hinted_part(const std::string& playlist);

}  // namespace livefair::bench
