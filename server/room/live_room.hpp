#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "room/frame.hpp"
#include "room/outbox.hpp"
#include "room/room_state.hpp"

namespace livefair::room {

class LiveRoom;

/// How one viewer takes part in one room.
struct Viewer {
    Outbox& outbox;  ///< Outlives the membership.
    Format format = Format::proto;
    Audience audience = Audience::everyone;
};

/// What a viewer says when joining: where it left off, if it comes back.
struct JoinRequest {
    std::uint32_t request_id = 0;
    std::string epoch;
    std::int64_t seq = 0;
    std::string account = {};   ///< Who asks; empty for a guest.
    std::string device = {};    ///< From where, auth::device_text(); empty when it is not known.
    bool sees_private = false;  ///< Whether the room may be a private one.
};

/// A viewer's place in a room; leaves the room when destroyed. Lives on the room's shard, owned by the session.
class Membership {
public:
    Membership(std::shared_ptr<LiveRoom> room, Viewer viewer);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;
    const LiveRoom& room() const { return *room_; }
    /// Queues the newest of every latest value again, after the outbox had to drop some.
    void send_latest();

private:
    friend class LiveRoom;
    std::shared_ptr<LiveRoom> room_;
    Viewer viewer_;
    std::size_t index_ = 0;          ///< In LiveRoom::members_.
    std::uint64_t first_frame_ = 0;  ///< The next one when it joined.
    std::size_t known_events_ = 0;   ///< So many of that frame's events it had been given before, with its snapshot.
};

/// A room with viewers on this shard: its state, its viewers, and the events that wait for the next tick. No I/O and no timers of its own:
/// the hub asks flush_due() and calls flush(). Times are of a steady clock.
class LiveRoom : public std::enable_shared_from_this<LiveRoom> {
public:
    using Time = std::chrono::steady_clock::time_point;
    LiveRoom(RoomId id, RoomState::Limits limits, std::chrono::milliseconds tick);

    const RoomId& id() const { return id_; }
    const RoomState& state() const { return state_; }
    std::size_t viewers() const { return members_.size(); }

    /// Starts over from Redis' state; viewers get a fresh snapshot (recovered: false).
    void reset(const StoredRoom& stored, std::int64_t now_ms, Time now);
    /// Goes on under another epoch with nothing lost; viewers are told so (recovered: true).
    void continue_as(const std::string& epoch, const Clock& clock);
    void set_show(const v1::Show& show);
    void set_stream(const v1::StreamState& stream);
    /// Takes in the next event, or a latest value; viewers get it with the next flush().
    void take(const SharedEvent& event);
    /// Takes in the next event, a droppable one, that the viewers of now are not told.
    void keep(const SharedEvent& event);

    /// When the waiting events have to go out: at once in a quiet room, else a tick after the last frame went out; nothing when none wait.
    std::optional<Time> flush_due() const;
    /// Sends what waits as one frame, encoded once per format and audience. O(viewers). The next tick is counted from its end, so that a
    /// room whose frames take as long as a tick leaves time for everything else.
    void flush(const Clock& clock);

    /// Adds a viewer; it gets a snapshot, or, when it can resume, the events it missed.
    std::unique_ptr<Membership> join(Viewer viewer, const JoinRequest& request, std::int64_t now_ms, Time now);

private:
    friend class Membership;
    struct CachedSnapshot {
        std::string bytes;
        std::uint64_t version = 0;
        Time made;
    };
    void enter(Membership& member);
    void leave(Membership& member);
    void send_latest(const Viewer& viewer);
    void resume(const Viewer& viewer, const JoinRequest& request, std::int64_t now_ms);
    v1::Snapshot recovered(std::int64_t seq, std::int64_t now_ms) const;
    const std::string& snapshot(Format format, std::int64_t now_ms, Time now);

    RoomId id_;
    RoomState state_;
    std::chrono::milliseconds tick_;
    std::vector<Membership*> members_;
    std::vector<SharedEvent> pending_;                   ///< With a seq, in order.
    std::map<std::string, SharedEvent> pending_latest_;  ///< The newest of each key.
    bool skip_tick_ = false;                             ///< Something waits that may not wait.
    Time last_flush_{};
    std::uint64_t frames_ = 1;   ///< Number of the next frame.
    std::uint64_t version_ = 1;  ///< Rises with each change of the state.
    std::array<CachedSnapshot, format_count> snapshots_;
};

}  // namespace livefair::room
