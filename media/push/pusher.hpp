#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "auth/push_target.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "net/shard.hpp"
#include "push/connection.hpp"
#include "stream/stream.hpp"

namespace livefair::v1 {
class PushState;
}

namespace livefair::push {

/// Keeps one target supplied while the room has a stream: connects, sends, and after a failure tries again with full-jitter back-off
/// ("Exponential Backoff And Jitter"). Lives on the room's shard; held by its own coroutine until stop().
class Pusher : public std::enable_shared_from_this<Pusher> {
public:
    enum class Status { off, connecting, live, waiting, refused };

    Pusher(net::Shard& shard, const Clock& clock, const PushOptions& options, RoomId room, std::string id, auth::PushTarget target);
    ~Pusher();

    void start();
    /// Hangs up, for ever.
    void stop();
    /// Whether there is a stream to push; without one the target is left.
    void want(bool wanted);
    void on_tracks(std::shared_ptr<const stream::Tracks> tracks);
    void on_packet(const stream::Packet& packet);

    const auth::PushTarget& target() const { return target_; }
    void describe(v1::PushState& state) const;

private:
    net::Task<> run();
    net::Task<> wait(std::chrono::milliseconds longest);
    std::chrono::milliseconds next_wait(const Outcome& outcome, std::chrono::milliseconds lived);
    void set_status(Status status);
    void on_live();

    net::Shard& shard_;
    const Clock& clock_;
    const PushOptions options_;
    const RoomId room_;
    const std::string id_;
    const auth::PushTarget target_;
    net::asio::steady_timer wake_;
    std::shared_ptr<Connection> connection_;
    std::shared_ptr<const stream::Tracks> tracks_;
    Status status_ = Status::off;
    std::int64_t since_ms_;
    std::int64_t retry_ms_ = 0;
    std::string why_;
    int failures_ = 0;
    std::uint64_t sent_bytes_ = 0;  // of connections that have ended
    std::uint64_t dropped_ = 0;
    bool wanted_ = false;
    bool stopped_ = false;
};

/// The wait before try number `failures` + 1: random from 0 to `first` doubled with each failure, at most `most`; never so short
/// that it would be a hot loop. `random` in [0, 1).
std::chrono::milliseconds backoff(int failures, std::chrono::milliseconds first, std::chrono::milliseconds most, double random);

}  // namespace livefair::push
