#include "room/hub.hpp"

#include <livefair/v1/media.pb.h>
#include <livefair/v1/room.pb.h>

#include "base/check.hpp"
#include "base/log.hpp"
#include "net/poller.hpp"
#include "net/send_batch.hpp"
#include "room/event_class.hpp"
#include "room/stream_view.hpp"

namespace livefair::room {
namespace {

constexpr std::size_t rooms_max = 10'000;
/// Events of a room that may wait for a load or a repair; more are left to the repair, which reads them from Redis.
constexpr std::size_t waiting_max = 1000;
constexpr std::chrono::seconds linger{30};
/// A catalogue that is edited during the show reaches the next late joiners this soon.
constexpr std::chrono::seconds show_lifetime{2};
constexpr std::chrono::milliseconds repair_pause{500};
constexpr std::chrono::seconds load_deadline{5};

}  // namespace

/// A room in the hub, loaded or being loaded. Shared with the coroutines that work on it.
struct Hub::Entry {
    enum class State { empty, loading, loaded };
    Entry(const RoomId& id, RoomState::Limits limits, std::chrono::milliseconds tick, net::asio::io_context& context)
        : room(std::make_shared<LiveRoom>(id, limits, tick)), channel(events_channel(id)), tick_timer(context), load_done(context) {}

    struct Waiting {
        std::string epoch;
        SharedEvent event;
    };
    std::shared_ptr<LiveRoom> room;
    std::string channel;
    State state = State::empty;
    bool forgotten = false;  ///< No longer in the hub's map.
    bool repairing = false;
    bool repair_again = false;
    bool subscribed_early = false;  ///< Subscribed before the load ended: what came between is read after it.
    bool subscription_lost = false;
    bool tick_armed = false;
    std::string stream_shown;     ///< The newest v1::StreamState that viewers were told, encoded.
    std::deque<Waiting> waiting;  ///< Came before what they follow.
    LiveRoom::Time show_read{};
    bool show_reading = false;
    LiveRoom::Time last_used{};
    net::asio::steady_timer tick_timer;
    net::asio::steady_timer load_done;  ///< Cancelled to wake those who wait for the load.
};

Hub::Hub(net::Shard& shard, Bus& bus, Relay& relay, ShowSource shows, const Config::Room& config, const Overload& overload, const Clock& clock)
    : shard_(shard),
      bus_(bus),
      relay_(relay),
      shows_(std::move(shows)),
      limits_{static_cast<std::size_t>(config.snapshot_chat_lines), static_cast<std::size_t>(config.history_max)},
      tick_(config.tick_ms),
      overload_(overload),
      clock_(clock) {}

Hub::~Hub() = default;

net::Task<Result<std::unique_ptr<Membership>>> Hub::join(RoomId room, Viewer viewer, JoinRequest request) {
    LF_CHECK(shard_.is_current());
    auto entry = co_await loaded(room);
    if (!entry) co_return entry.error();
    if (clock_.steady() - (*entry)->show_read > show_lifetime) co_await refresh_show(*entry);
    (*entry)->last_used = clock_.steady();
    // Whoever may not know of a room learns nothing of it.
    if ((*entry)->room->state().show().is_private() && !request.sees_private) co_return make_error_code(Errc::not_found);
    if ((*entry)->room->state().banned_until_ms(request.account, request.device) > clock_.unix_ms()) co_return make_error_code(Errc::forbidden);
    co_return (*entry)->room->join(viewer, request, clock_.unix_ms(), clock_.steady());
}

net::Task<Result<Hub::SharedEntry>> Hub::loaded(RoomId room) {
    const auto channel = events_channel(room);
    auto entry = find(channel);
    if (!entry) {
        if (rooms_.size() >= rooms_max) sweep();
        if (rooms_.size() >= rooms_max) co_return make_error_code(Errc::too_large);
        entry = std::make_shared<Entry>(room, limits_, tick_, shard_.context());
        entry->last_used = clock_.steady();
        rooms_.emplace(channel, entry);
    }
    if (entry->state == Entry::State::loaded) co_return entry;
    if (entry->state == Entry::State::loading) {
        co_await entry->load_done.async_wait(net::as_result);
        if (entry->state == Entry::State::loaded) co_return entry;
        co_return make_error_code(Errc::redis_unavailable);
    }
    entry->state = Entry::State::loading;
    entry->load_done.expires_after(load_deadline);
    const auto done = co_await load(entry);
    entry->state = done ? Entry::State::loaded : Entry::State::empty;
    entry->load_done.cancel();
    if (!done) {
        forget(entry);
        co_return done.error();
    }
    take_waiting(entry);
    if (std::exchange(entry->subscribed_early, false)) start_repair(entry);
    co_return entry;
}

net::Task<Result<>> Hub::load(SharedEntry entry) {
    // A name that no show has must not make keys in Redis.
    auto show = co_await shows_(entry->room->id());
    if (!show) co_return show.error();
    relay_.want(shard_.index(), entry->channel);
    const auto state = co_await read_state(entry);
    if (!state) co_return state.error();
    entry->room->set_show(*show);
    // Read again: an offer may have changed between the first reading and the subscription.
    co_await refresh_show(entry);
    co_return Result<>();
}

net::Task<Result<>> Hub::read_state(SharedEntry entry) {
    const auto stored = co_await bus_.open(entry->room->id(), static_cast<std::int64_t>(limits_.events_kept));
    if (!stored) co_return stored.error();
    const auto stream = co_await bus_.stream_state(entry->room->id());
    v1::StreamState parsed;
    if (stream && parsed.ParseFromString(*stream)) entry->room->set_stream(viewers_view(parsed));
    entry->room->reset(*stored, clock_.unix_ms(), clock_.steady());
    co_return Result<>();
}

net::Task<> Hub::refresh_show(SharedEntry entry) {
    if (entry->show_reading) co_return;
    entry->show_reading = true;
    entry->show_read = clock_.steady();
    const auto show = co_await shows_(entry->room->id());
    entry->show_reading = false;
    // Without an answer the room goes on with the show it has.
    if (show) entry->room->set_show(*show);
}

Hub::SharedEntry Hub::find(const std::string& channel) const {
    const auto found = rooms_.find(channel);
    return found == rooms_.end() ? nullptr : found->second;
}

void Hub::forget(const SharedEntry& entry) {
    if (std::exchange(entry->forgotten, true)) return;
    entry->tick_timer.cancel();
    rooms_.erase(entry->channel);
    relay_.unwant(shard_.index(), entry->channel);
}

void Hub::on_message(const std::string& channel, const SharedBytes& payload) {
    const auto entry = find(channel);
    if (!entry) return;
    const auto message = parse_message(*payload);
    auto event = std::make_shared<v1::SequencedEvent>();
    if (!message || !event->mutable_event()->ParseFromArray(message->event.data(), static_cast<int>(message->event.size()))) {
        log::error("room_message_malformed", {{"channel", channel}, {"bytes", payload->size()}});
        return;
    }
    event->set_seq(message->seq);
    offer_event(entry, std::string(message->epoch), std::move(event));
    flush_or_wait(entry);
}

void Hub::offer_event(const SharedEntry& entry, const std::string& epoch, SharedEvent event) {
    auto& room = *entry->room;
    if (event->seq() == 0) {
        if (entry->state == Entry::State::loaded) room.take(event);
        return;
    }
    const bool same_epoch = epoch == room.state().epoch();
    if (entry->state == Entry::State::loaded && same_epoch) {
        if (event->seq() <= room.state().seq()) return;
        if (event->seq() == room.state().seq() + 1) {
            take(entry, event);
            return;
        }
    }
    if (entry->waiting.size() < waiting_max) entry->waiting.push_back({epoch, std::move(event)});
    if (entry->state == Entry::State::loaded) start_repair(entry);
}

void Hub::take(const SharedEntry& entry, const SharedEvent& event) {
    const bool sheds = overload_.load() != Load::normal && class_of(event->event()) == EventClass::droppable;
    if (sheds) entry->room->keep(event);
    else entry->room->take(event);
    const auto& ban = event->event().ban();
    if (ban.until_ms() > clock_.unix_ms() && on_ban_) on_ban_(entry->room->id(), ban);
}

void Hub::take_waiting(const SharedEntry& entry) {
    auto& room = *entry->room;
    bool gap = false;
    for (auto& [epoch, event] : std::exchange(entry->waiting, {})) {
        if (epoch != room.state().epoch() || event->seq() > room.state().seq() + 1) gap = true;
        else if (event->seq() == room.state().seq() + 1) take(entry, event);
    }
    flush_or_wait(entry);
    if (gap) start_repair(entry);
}

void Hub::on_subscribed(const std::string& channel) {
    const auto entry = find(channel);
    if (!entry) return;
    entry->subscription_lost = false;
    if (entry->state == Entry::State::loaded) start_repair(entry);
    else entry->subscribed_early = true;
}

void Hub::on_lost(const std::string& channel) {
    const auto entry = find(channel);
    if (!entry) return;
    entry->subscription_lost = true;
    if (entry->state == Entry::State::loaded) tell_feed(entry, true);
}

void Hub::tell_feed(const SharedEntry& entry, bool interrupted) {
    auto event = std::make_shared<v1::SequencedEvent>();
    event->mutable_event()->set_at_ms(clock_.unix_ms());
    event->mutable_event()->mutable_feed()->set_interrupted(interrupted);
    entry->room->take(event);
    flush_or_wait(entry);
}

void Hub::on_stream(const SharedBytes& payload) {
    auto health = std::make_shared<v1::SequencedEvent>();
    auto& state = *health->mutable_event()->mutable_health();
    if (!state.ParseFromString(*payload)) return;
    const auto room = RoomId::parse(state.room_id());
    const auto entry = room ? find(events_channel(*room)) : nullptr;
    if (!entry || entry->state != Entry::State::loaded) return;
    health->mutable_event()->set_at_ms(state.at_ms());
    entry->room->take(health);
    auto stream = std::make_shared<v1::SequencedEvent>();
    *stream->mutable_event()->mutable_stream() = viewers_view(state);
    stream->mutable_event()->set_at_ms(state.at_ms());
    // The figures come every two seconds; viewers hear of changes alone.
    auto shown = stream->event().stream().SerializeAsString();
    if (shown != entry->stream_shown) entry->room->take(stream);
    entry->stream_shown = std::move(shown);
    flush_or_wait(entry);
}

void Hub::start_repair(const SharedEntry& entry) {
    if (entry->repairing) {
        entry->repair_again = true;
        return;
    }
    entry->repairing = true;
    net::spawn(shard_.executor(), repair(entry), "room_repair");
}

net::Task<> Hub::repair(SharedEntry entry) {
    do {
        entry->repair_again = false;
        const bool closed = co_await close_gap(entry);
        if (!closed && !entry->forgotten) {
            entry->repair_again = true;
            co_await net::sleep_for(repair_pause);
        }
    } while (entry->repair_again && !entry->forgotten);
    entry->repairing = false;
    if (entry->room->state().is_interrupted() && !entry->subscription_lost) tell_feed(entry, false);
}

net::Task<bool> Hub::close_gap(SharedEntry entry) {
    auto& room = *entry->room;
    const auto from = room.state().seq();
    const auto count = static_cast<std::int64_t>(limits_.events_kept);
    // With the newest event that is here: after a failover it tells whether Redis has lost something of what was here.
    const auto stored = co_await bus_.events_after(room.id(), std::max<std::int64_t>(from - 1, 0), count);
    if (!stored) co_return false;
    const bool contiguous = stored->history.empty() ? stored->seq <= from : stored->history.front().seq <= from + 1;
    const bool complete = static_cast<std::int64_t>(stored->history.size()) < count;
    const bool same_life = stored->epoch == room.state().epoch() || (!stored->history.empty() && room.state().is_newest(stored->history.front()));
    if (same_life && stored->seq >= from && contiguous && complete) {
        if (stored->epoch != room.state().epoch()) room.continue_as(stored->epoch, clock_);
    } else {
        log::info("room_started_over", {{"room", room.id().str()}, {"epoch", stored->epoch}, {"seq", stored->seq}});
        const auto state = co_await read_state(entry);
        if (!state) co_return false;
    }
    for (const auto& missed : stored->history) {
        auto event = std::make_shared<v1::SequencedEvent>();
        event->set_seq(missed.seq);
        if (stored->epoch != room.state().epoch() || missed.seq != room.state().seq() + 1) continue;
        if (event->mutable_event()->ParseFromString(missed.event)) take(entry, event);
    }
    take_waiting(entry);
    co_return true;
}

void Hub::flush_or_wait(const SharedEntry& entry) {
    const auto due = entry->room->flush_due();
    if (!due || entry->state != Entry::State::loaded) return;
    if (*due <= clock_.steady()) {
        flush(entry);
        return;
    }
    if (std::exchange(entry->tick_armed, true)) return;
    entry->tick_timer.expires_at(*due);
    entry->tick_timer.async_wait([this, entry](boost::system::error_code) {
        entry->tick_armed = false;
        if (!entry->forgotten) flush(entry);
    });
}

void Hub::flush(const SharedEntry& entry) {
    const net::SendBatch::Scope one_batch(net::Poller::of(shard_.executor()));
    entry->room->flush(clock_);
}

void Hub::count_like(const RoomId& room, std::int64_t likes) { tallies_[room].likes += likes; }

void Hub::count_chat(const RoomId& room) { ++tallies_[room].chat_lines; }

void Hub::count_view(const RoomId& room, std::uint64_t person) {
    const auto entry = find(events_channel(room));
    if (!entry || entry->room->state().show().state() != v1::SHOW_STATE_LIVE) return;
    auto& tally = tallies_[room];
    ++tally.views;
    tally.people.insert(person);
}

std::vector<Tally> Hub::take_tallies() {
    LF_CHECK(shard_.is_current());
    sweep();
    for (const auto& [channel, entry] : rooms_) {
        if (entry->state != Entry::State::loaded) continue;
        auto& tally = tallies_[entry->room->id()];
        tally.viewers = static_cast<std::int64_t>(entry->room->viewers());
        tally.is_live = entry->room->state().show().state() == v1::SHOW_STATE_LIVE;
    }
    std::vector<Tally> taken;
    for (auto& [room, tally] : std::exchange(tallies_, {})) {
        tally.room = room;
        taken.push_back(std::move(tally));
    }
    return taken;
}

void Hub::sweep() {
    const auto now = clock_.steady();
    std::vector<SharedEntry> idle;
    for (const auto& [channel, entry] : rooms_) {
        if (entry->room->viewers() > 0) entry->last_used = now;
        else if (entry->state == Entry::State::loaded && now - entry->last_used > linger) idle.push_back(entry);
    }
    for (const auto& entry : idle) forget(entry);
}

}  // namespace livefair::room
