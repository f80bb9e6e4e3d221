#include "room/live_room.hpp"

#include <livefair/v1/room.pb.h>
#include <livefair/v1/socket.pb.h>

#include <utility>

#include "base/check.hpp"
#include "base/metrics.hpp"

namespace livefair::room {
namespace {

/// A join storm shares one encoded snapshot for this long; its server_ms is at most this old.
constexpr std::chrono::milliseconds snapshot_lifetime{50};

/// What viewers must not wait for: pins, the opening and closing of sales and of the show.
bool skips_tick(const v1::RoomEvent& event) { return event.has_pin() || event.has_offer() || event.has_show(); }

std::size_t index_of(Format format) { return static_cast<std::size_t>(format); }
std::size_t index_of(Audience audience) { return static_cast<std::size_t>(audience); }

metrics::Counter& delivered_counter() {
    static auto counter = metrics::counter("livefair_events_delivered_total", "Room events queued for viewers, one per event and viewer.");
    return counter;
}

metrics::Counter& shed_counter() {
    static auto counter = metrics::counter("livefair_events_shed_total", "Chat events that an overloaded gateway did not send on, one per event and viewer.");
    return counter;
}

/// The frames of one tick, each encoded when the first viewer needs it.
class FrameSet {
public:
    FrameSet(const std::string& room, const std::string& epoch, std::vector<SharedEvent> events)
        : room_(room), epoch_(epoch), events_(std::move(events)) {
        for (const auto& event : events_) has_staff_events_ |= is_for_staff(event->event());
    }
    /// Null when this audience sees nothing of it.
    const SharedFrame& get(Format format, Audience audience) {
        if (!has_staff_events_) audience = Audience::everyone;
        auto& slot = slots_[index_of(format)][index_of(audience)];
        if (!slot) slot = make_frame(room_, epoch_, events_, format, audience);
        return *slot;
    }

private:
    const std::string& room_;
    const std::string& epoch_;
    std::vector<SharedEvent> events_;
    bool has_staff_events_ = false;
    std::array<std::array<std::optional<SharedFrame>, audience_count>, format_count> slots_;
};

void count_delivered(std::size_t events) { delivered_counter().add(static_cast<double>(events)); }

/// How many events were queued. A viewer who is too slow is closed by its session, which its outbox has woken.
std::size_t push(const Viewer& viewer, const SharedFrame& frame) { return frame && viewer.outbox.push(frame) ? frame->events : 0; }

}  // namespace

Membership::Membership(std::shared_ptr<LiveRoom> room, Viewer viewer) : room_(std::move(room)), viewer_(viewer) { room_->enter(*this); }
Membership::~Membership() { room_->leave(*this); }
void Membership::send_latest() { room_->send_latest(viewer_); }

LiveRoom::LiveRoom(RoomId id, RoomState::Limits limits, std::chrono::milliseconds tick)
    : id_(std::move(id)), state_(id_, limits), tick_(tick) {}

void LiveRoom::reset(const StoredRoom& stored, std::int64_t now_ms, Time now) {
    state_.reset(stored);
    ++version_;
    pending_.clear();
    pending_latest_.clear();
    ++frames_;  // nobody has been given anything of the next one
    skip_tick_ = false;
    for (auto* member : members_) {
        const auto& format = member->viewer_.format;
        (void)member->viewer_.outbox.push_answer(to_frame(snapshot(format, now_ms, now), format));
    }
}

void LiveRoom::continue_as(const std::string& epoch, const Clock& clock) {
    flush(clock);
    state_.continue_as(epoch);
    ++version_;
    v1::ServerMessage message;
    *message.mutable_snapshot() = recovered(state_.seq(), clock.unix_ms());
    for (const auto* member : members_) {
        const auto& viewer = member->viewer_;
        (void)viewer.outbox.push_answer(to_frame(encode(message, viewer.format), viewer.format));
    }
}

v1::Snapshot LiveRoom::recovered(std::int64_t seq, std::int64_t now_ms) const {
    v1::Snapshot snapshot;
    snapshot.set_room_id(id_.str());
    snapshot.set_epoch(state_.epoch());
    snapshot.set_seq(seq);
    snapshot.set_server_ms(now_ms);
    snapshot.set_recovered(true);
    snapshot.set_interrupted(state_.is_interrupted());
    return snapshot;
}

void LiveRoom::set_show(const v1::Show& show) {
    state_.set_show(show);
    ++version_;
}

void LiveRoom::set_stream(const v1::StreamState& stream) {
    state_.set_stream(stream);
    ++version_;
}

void LiveRoom::take(const SharedEvent& event) {
    state_.apply(event);
    ++version_;
    if (members_.empty()) return;
    if (event->seq() == 0) pending_latest_[RoomState::latest_key(event->event())] = event;
    else pending_.push_back(event);
    skip_tick_ |= skips_tick(event->event());
}

void LiveRoom::keep(const SharedEvent& event) {
    state_.apply(event);
    ++version_;
    shed_counter().add(static_cast<double>(members_.size()));
}

std::optional<LiveRoom::Time> LiveRoom::flush_due() const {
    if (pending_.empty() && pending_latest_.empty()) return std::nullopt;
    return skip_tick_ ? last_flush_ : last_flush_ + tick_;
}

void LiveRoom::flush(const Clock& clock) {
    if (pending_.empty() && pending_latest_.empty()) return;
    auto events = std::exchange(pending_, {});
    for (auto& [key, event] : pending_latest_) events.push_back(std::move(event));
    pending_latest_.clear();
    skip_tick_ = false;
    const auto number = frames_++;
    FrameSet frames(id_.str(), state_.epoch(), events);
    std::map<std::size_t, FrameSet> rests;  // for newcomers, by how many of the events they have
    std::size_t delivered = 0;
    for (const auto* member : members_) {
        auto* wanted = &frames;
        if (const auto known = member->known_events_; member->first_frame_ == number && known > 0) {
            auto rest = rests.find(known);
            if (rest == rests.end())
                rest = rests.try_emplace(known, id_.str(), state_.epoch(), std::vector(events.begin() + static_cast<std::ptrdiff_t>(known), events.end())).first;
            wanted = &rest->second;
        }
        delivered += push(member->viewer_, wanted->get(member->viewer_.format, member->viewer_.audience));
    }
    count_delivered(delivered);
    last_flush_ = clock.steady();
}

std::unique_ptr<Membership> LiveRoom::join(Viewer viewer, const JoinRequest& request, std::int64_t now_ms, Time now) {
    auto member = std::make_unique<Membership>(shared_from_this(), viewer);
    if (state_.can_resume(request.epoch, request.seq)) {
        resume(viewer, request, now_ms);
    } else {
        (void)viewer.outbox.push_answer(
            to_frame(with_request_id(snapshot(viewer.format, now_ms, now), request.request_id, viewer.format), viewer.format));
        // What only some may see is not part of the snapshot, which everybody gets alike.
        if (viewer.audience != Audience::everyone) send_latest(viewer);
    }
    return member;
}

void LiveRoom::enter(Membership& member) {
    // The state, and so the snapshot, includes what waits for the next tick by now. A latest value may come twice.
    member.first_frame_ = frames_;
    member.known_events_ = pending_.size();
    member.index_ = members_.size();
    members_.push_back(&member);
}

void LiveRoom::leave(Membership& member) {
    LF_CHECK(members_.at(member.index_) == &member);
    members_[member.index_] = members_.back();
    members_[member.index_]->index_ = member.index_;
    members_.pop_back();
}

void LiveRoom::send_latest(const Viewer& viewer) {
    count_delivered(push(viewer, make_frame(id_.str(), state_.epoch(), state_.latest_values(), viewer.format, viewer.audience)));
}

void LiveRoom::resume(const Viewer& viewer, const JoinRequest& request, std::int64_t now_ms) {
    v1::ServerMessage message;
    message.set_request_id(request.request_id);
    *message.mutable_snapshot() = recovered(request.seq, now_ms);
    (void)viewer.outbox.push_answer(to_frame(encode(message, viewer.format), viewer.format));
    auto events = state_.events_after(request.seq);
    for (auto& event : state_.latest_values()) events.push_back(std::move(event));
    count_delivered(push(viewer, make_frame(id_.str(), state_.epoch(), events, viewer.format, viewer.audience)));
}

const std::string& LiveRoom::snapshot(Format format, std::int64_t now_ms, Time now) {
    auto& cached = snapshots_[index_of(format)];
    if (cached.version == version_ && now - cached.made < snapshot_lifetime) return cached.bytes;
    v1::ServerMessage message;
    *message.mutable_snapshot() = state_.snapshot();
    message.mutable_snapshot()->set_server_ms(now_ms);
    cached = {encode(message, format), version_, now};
    return cached.bytes;
}

}  // namespace livefair::room
