#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "net/shard.hpp"
#include "room/bus.hpp"
#include "room/live_room.hpp"
#include "room/overload.hpp"
#include "room/relay.hpp"

namespace livefair::v1 {
class BanChanged;
class Show;
}

namespace livefair::room {

/// What a shard has counted in one room since it was asked last.
struct Tally {
    RoomId room;
    std::int64_t viewers = 0;  ///< Connections in the room now.
    std::int64_t likes = 0;
    std::int64_t chat_lines = 0;
    bool is_live = false;              ///< As the room was told.
    std::int64_t views = 0;            ///< Pages that came.
    std::set<std::uint64_t> people = {};  ///< Who they were, see auth::person_of().
};

/// The rooms with viewers on one shard: loads a room at its first viewer, keeps it up to date from the relay's events, sends each room's
/// events once a tick, and closes gaps from Redis. Lives on its shard; not thread-safe. A room is dropped 30 s after its last viewer left.
class Hub {
public:
    /// The show on air or announced in a room, with segments, offers and what is left of them. Errors: not_found, ledger_unavailable.
    using ShowSource = std::function<net::Task<Result<v1::Show>>(RoomId)>;

    Hub(net::Shard& shard, Bus& bus, Relay& relay, ShowSource shows, const Config::Room& config, const Overload& overload, const Clock& clock);
    ~Hub();

    /// Adds a viewer to a room and queues what it must know (docs/protocol.md section 4). The viewer's outbox outlives the call.
    /// Errors: not_found (also: private, and the caller may not see it), forbidden (banned), redis_unavailable, redis_unknown, ledger_unavailable, timed_out, too_large (rooms of this shard).
    net::Task<Result<std::unique_ptr<Membership>>> join(RoomId room, Viewer viewer, JoinRequest request);

    /// A message of a room's channel (events_channel()); other channels are ignored.
    void on_message(const std::string& channel, const SharedBytes& payload);
    /// Reads from Redis what the room may have missed.
    void on_subscribed(const std::string& channel);
    /// Tells the room that what comes is late, until it is up to date again.
    void on_lost(const std::string& channel);
    /// StreamState bytes from media, for whichever room they name.
    void on_stream(const SharedBytes& payload);

    /// Called when an account and its devices are banned from a room; their connections are the caller's to remove.
    void on_ban(std::function<void(const RoomId&, const v1::BanChanged&)> handler) { on_ban_ = std::move(handler); }

    void count_like(const RoomId& room, std::int64_t likes);
    void count_chat(const RoomId& room);
    /// A page has come into the room; one that comes back after a lost connection has not. Counts while the show is on air.
    void count_view(const RoomId& room, std::uint64_t person);
    /// What was counted since the last call, and each loaded room's viewers.
    std::vector<Tally> take_tallies();

private:
    struct Entry;
    using SharedEntry = std::shared_ptr<Entry>;

    net::Task<Result<SharedEntry>> loaded(RoomId room);
    net::Task<Result<>> load(SharedEntry entry);
    net::Task<Result<>> read_state(SharedEntry entry);
    net::Task<> refresh_show(SharedEntry entry);
    net::Task<> repair(SharedEntry entry);
    net::Task<bool> close_gap(SharedEntry entry);

    SharedEntry find(const std::string& channel) const;
    void forget(const SharedEntry& entry);
    void offer_event(const SharedEntry& entry, const std::string& epoch, SharedEvent event);
    void take(const SharedEntry& entry, const SharedEvent& event);
    void take_waiting(const SharedEntry& entry);
    void start_repair(const SharedEntry& entry);
    void flush_or_wait(const SharedEntry& entry);
    void flush(const SharedEntry& entry);
    void tell_feed(const SharedEntry& entry, bool interrupted);
    void sweep();

    net::Shard& shard_;
    Bus& bus_;
    Relay& relay_;
    ShowSource shows_;
    RoomState::Limits limits_;
    std::chrono::milliseconds tick_;
    const Overload& overload_;
    const Clock& clock_;
    std::function<void(const RoomId&, const v1::BanChanged&)> on_ban_;
    std::unordered_map<std::string, SharedEntry> rooms_;  ///< By channel.
    std::unordered_map<RoomId, Tally> tallies_;
};

}  // namespace livefair::room
