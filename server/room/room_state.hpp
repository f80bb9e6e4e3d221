#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "room/bus.hpp"

namespace livefair::v1 {
class RoomEvent;
class RoomEvents;
class SequencedEvent;
class Show;
class Snapshot;
class StreamState;
}  // namespace livefair::v1

namespace livefair::room {

using SharedEvent = std::shared_ptr<const v1::SequencedEvent>;

/// What a room looks like now: what late joiners get, and the newest events for those who come back. Pure; kept up to date by apply().
/// One per loaded room and shard.
class RoomState {
public:
    struct Limits {
        std::size_t chat_lines = 50;      ///< In a snapshot.
        std::size_t events_kept = 1000;   ///< For those who come back.
        std::size_t latest_values = 500;  ///< Keys of latest values (stock of each offer, counts, ...).
    };
    RoomState(RoomId room, Limits limits);
    ~RoomState();

    /// Starts over from what Redis holds. Events that can't be parsed are skipped.
    void reset(const StoredRoom& stored);
    /// Nothing has changed but the name of the events that follow.
    void continue_as(std::string epoch) { epoch_ = std::move(epoch); }
    /// Whether `stored` is the newest event here.
    bool is_newest(const StoredEvent& stored) const;
    /// The catalogue's part: the show with its segments and offers.
    void set_show(const v1::Show& show);
    void set_stream(const v1::StreamState& stream);

    /// Takes in the next event (seq() + 1) or a latest value (seq 0).
    void apply(const SharedEvent& event);

    const std::string& epoch() const { return epoch_; }
    std::int64_t seq() const { return seq_; }
    /// When the account may speak again, Unix milliseconds; 0: it may now or never was muted.
    std::int64_t muted_until_ms(const std::string& account) const;
    /// When whoever has this account or this device may come back, Unix milliseconds; 0: now, or it never was banned.
    std::int64_t banned_until_ms(const std::string& account, const std::string& device = {}) const;
    /// Whether the room was told last that its feed is interrupted.
    bool is_interrupted() const { return interrupted_; }
    /// The show on air or announced in this room; empty before set_show().
    const v1::Show& show() const;

    /// Everything a late joiner needs, but for server_ms.
    v1::Snapshot snapshot() const;
    /// Whether all events after `seq` of `epoch` are still here.
    bool can_resume(std::string_view epoch, std::int64_t seq) const;
    /// The events after `seq`, oldest first.
    std::vector<SharedEvent> events_after(std::int64_t seq) const;
    /// What a latest value is the latest of: "counts", "stock:<offer>", "totals", "stream", "health", "feed", "questions", "question_queue", "held:<chat>"; empty for events with a seq.
    static std::string latest_key(const v1::RoomEvent& event);
    /// The newest of each latest value.
    std::vector<SharedEvent> latest_values() const;

private:
    struct Catalogue;  // generated messages stay out of this header
    void apply_body(const v1::RoomEvent& event);
    void apply_stored_field(const std::string& field, const std::string& value);
    void remember(const SharedEvent& event);
    void remember_latest(const SharedEvent& event);
    void forget_chat(const std::string& chat_id);

    RoomId room_;
    Limits limits_;
    std::string epoch_;
    std::int64_t seq_ = 0;
    bool interrupted_ = false;
    std::unique_ptr<Catalogue> now_;
    std::deque<SharedEvent> ring_;                ///< Contiguous, the newest last.
    std::deque<SharedEvent> chat_;                ///< The newest lines, deleted ones left out.
    std::map<std::string, SharedEvent> latest_;   ///< By key: "counts", "stock:<offer>", "totals", "stream", "health".
    std::map<std::string, std::int64_t> muted_;   ///< Account -> until, Unix milliseconds.
    std::map<std::string, std::int64_t> banned_;  ///< The same.
    std::map<std::string, std::set<std::string>> banned_by_device_;  ///< Accounts that were banned with it.
};

}  // namespace livefair::room
