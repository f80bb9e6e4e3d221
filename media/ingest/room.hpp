#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/id.hpp"
#include "hls/publication.hpp"
#include "hls/segmenter.hpp"
#include "ingest/seat.hpp"
#include "ingest/tap.hpp"
#include "net/shard.hpp"
#include "rtmp/session.hpp"
#include "stream/stream.hpp"

namespace livefair::ingest {

/// One room's stream with its HLS window. Lives on the room's home shard; outlives publishers: when one drops, the playlist waits
/// media.grace_ms for the next, then ends, and some minutes later the room is forgotten. It has two seats: of the publishers on
/// them one is on air; the other stands by and takes over when the first drops or sends nothing for media.backup_after_ms.
class Room : public std::enable_shared_from_this<Room> {
public:
    enum class Status { offline, live, reconnecting };
    /// `on_change`: the status is another. `on_forgotten`: nothing is left to show; the owner drops the room.
    struct Events {
        std::function<void(Room&)> on_change;
        std::function<void(Room&)> on_forgotten;
    };
    Room(net::Shard& shard, RoomId id, const Config& config, const Clock& clock, hls::Publications& publications,
         std::uint64_t first_discontinuity, Taps taps, Events events);

    const RoomId& id() const { return id_; }
    Status status() const { return status_; }

    /// A publisher with a good key takes its role's seat at once; the one before it is hung up with its `hang_up`. It is on air
    /// when that one was, or nobody; else it stands by. Returns its number.
    std::uint64_t begin(Role role, std::string key_hash, std::function<void()> hang_up);
    /// What publisher `number` sends.
    /// Errors: Errc::closed (another has its seat), unsupported, invalid_input, too_large, internal: the publisher must go.
    Result<> on_media(std::uint64_t number, rtmp::Media media);
    void end(std::uint64_t number);
    /// The host wants the main publisher back on air; nothing happens when it isn't sending.
    void give_back();
    /// Hangs up whoever publishes.
    void hang_up();
    /// Hangs up who came with this key.
    void hang_up(const std::string& key_hash);
    /// Of the publishers, on air or not.
    std::vector<std::string> key_hashes() const;
    bool has_publisher() const { return on_air().is_taken(); }
    bool is_on_backup() const { return has_publisher() && on_air_ == Role::backup; }
    /// Of the newest segment.
    std::uint64_t discontinuity_sequence() const { return segmenter_.discontinuity_sequence(); }

    /// In the playlist and the recording from the next part on.
    void set_cues(std::shared_ptr<const hls::Cues> cues) { segmenter_.set_cues(std::move(cues)); }
    void describe(v1::StreamState& state);

private:
    void show(std::shared_ptr<const hls::Snapshot> snapshot);
    Seat& seat_of(Role role) { return seats_[static_cast<std::size_t>(role)]; }
    const Seat& on_air() const { return seats_[static_cast<std::size_t>(on_air_)]; }
    void go_on_air(Role role);
    bool takes_over(const Seat& standby) const;
    Result<> show(rtmp::Media media);
    void set_status(Status status);
    void wait_for_publisher();
    void after(std::chrono::milliseconds delay, void (Room::*then)());
    void end_show();
    void forget();

    RoomId id_;
    const Clock& clock_;
    hls::Publications& publications_;
    Events events_;
    const std::chrono::milliseconds grace_;
    const std::chrono::milliseconds backup_after_;
    Taps taps_;
    hls::Segmenter segmenter_;
    stream::Stream stream_;
    net::asio::steady_timer timer_;
    Status status_ = Status::offline;
    std::int64_t since_ms_;
    std::array<Seat, 2> seats_;  // by Role
    Role on_air_ = Role::main;
    std::uint64_t publishers_seen_ = 0;
};

}  // namespace livefair::ingest
