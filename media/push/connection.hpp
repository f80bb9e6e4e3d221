#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/push_target.hpp"
#include "net/rtmp_url.hpp"
#include "net/task.hpp"
#include "push/client_session.hpp"
#include "push/link.hpp"
#include "push/queue.hpp"

namespace livefair::push {

struct PushOptions {
    std::size_t queue_bytes = 4 << 20;
    std::chrono::milliseconds stall{10'000};      ///< To connect and be accepted, and for each write of at most 64 KiB.
    std::chrono::milliseconds retry{1'000};       ///< Longest wait after the first failure; doubles.
    std::chrono::milliseconds retry_max{60'000};
    bool allow_private = false;
};

/// How one connection to a target ended.
struct Outcome {
    bool refused = false;  ///< The platform said no, or the address is not allowed.
    std::string why;       ///< Fit to be shown.
};

/// One connection to one target: link, RTMP session, queue. Lives on the room's shard; held by its own coroutines and by the Pusher.
/// Packets are queued from run() on and leave once the target has accepted, from a key frame on.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(const net::asio::any_io_executor& executor, const PushOptions& options, auth::PushTarget target, std::function<void()> on_live);

    /// Until the connection has ended, one way or another.
    net::Task<Outcome> run();
    /// Says goodbye if nothing waits before it, and hangs up.
    void leave();
    void on_tracks(std::shared_ptr<const stream::Tracks> tracks);
    void on_packet(const stream::Packet& packet);

    std::uint64_t sent_bytes() const { return sent_bytes_; }
    std::uint64_t dropped() const { return queue_.dropped(); }

private:
    net::Task<Result<>> open(const net::RtmpUrl& url);
    net::Task<Outcome> converse();
    std::optional<Outcome> perform(Actions actions);
    net::Task<> write_loop();
    std::string next_bytes();
    std::string encode(const Queue::Item& item);
    std::string headers_of(const stream::Tracks& tracks);
    std::uint32_t timestamp_of(const stream::Packet& packet);
    void guard();
    void disarm();
    void close();
    Outcome lost(std::string why) const;

    const PushOptions options_;
    const auth::PushTarget target_;
    std::function<void()> on_live_;
    std::unique_ptr<Link> link_;
    std::optional<ClientSession> session_;
    Queue queue_;
    net::asio::steady_timer deadline_;   // of being accepted, later of the write under way
    net::asio::steady_timer more_;       // cancelled when there is something to write
    std::shared_ptr<const stream::Tracks> tracks_;  // newest
    std::shared_ptr<const stream::Tracks> sent_tracks_;
    std::string out_;                    // of the session, before any media
    std::optional<std::int64_t> first_us_;
    std::uint64_t sent_bytes_ = 0;
    std::uint32_t newest_ms_ = 0;
    bool is_live_ = false;
    bool is_leaving_ = false;
    bool is_late_ = false;
    bool is_closed_ = false;
};

}  // namespace livefair::push
