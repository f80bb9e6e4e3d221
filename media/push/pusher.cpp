#include "push/pusher.hpp"

#include <livefair/v1/media.pb.h>

#include <algorithm>
#include <random>
#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace livefair::push {
namespace {

using namespace std::chrono_literals;

/// A connection that held this long has shown that the target is well.
constexpr std::chrono::milliseconds sound_after = 30s;
constexpr std::chrono::milliseconds forever = std::chrono::hours(24);
constexpr int doublings_max = 16;

std::string_view name_of(Pusher::Status status) {
    switch (status) {
        case Pusher::Status::off: return "off";
        case Pusher::Status::connecting: return "connecting";
        case Pusher::Status::live: return "live";
        case Pusher::Status::waiting: return "waiting";
        case Pusher::Status::refused: return "refused";
    }
    return "";
}

v1::PushStatus on_wire(Pusher::Status status) {
    switch (status) {
        case Pusher::Status::off: return v1::PUSH_STATUS_OFF;
        case Pusher::Status::connecting: return v1::PUSH_STATUS_CONNECTING;
        case Pusher::Status::live: return v1::PUSH_STATUS_LIVE;
        case Pusher::Status::waiting: return v1::PUSH_STATUS_WAITING;
        case Pusher::Status::refused: return v1::PUSH_STATUS_REFUSED;
    }
    return v1::PUSH_STATUS_UNSPECIFIED;
}

void count(Pusher::Status status, double by) {
    metrics::gauge("livefair_media_pushes", "Targets that rooms are pushed on to, by state", {{"state", std::string(name_of(status))}}).add(by);
}

double random_part() {
    static thread_local std::mt19937_64 engine{std::random_device{}()};
    return std::uniform_real_distribution<>(0, 1)(engine);
}

}  // namespace

std::chrono::milliseconds backoff(int failures, std::chrono::milliseconds first, std::chrono::milliseconds most, double random) {
    const auto ceiling = std::min<std::chrono::milliseconds>(first * (1 << std::clamp(failures, 0, doublings_max)), most);
    return std::max(std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * random)), first / 10 + 1ms);
}

Pusher::Pusher(net::Shard& shard, const Clock& clock, const PushOptions& options, RoomId room, std::string id, auth::PushTarget target)
    : shard_(shard),
      clock_(clock),
      options_(options),
      room_(std::move(room)),
      id_(std::move(id)),
      target_(std::move(target)),
      wake_(shard.context()),
      since_ms_(clock.unix_ms()) {
    count(status_, 1);
}

Pusher::~Pusher() { count(status_, -1); }

void Pusher::start() { net::spawn(shard_.executor(), run(), "push"); }

void Pusher::stop() {
    stopped_ = true;
    want(false);
}

void Pusher::want(bool wanted) {
    wanted_ = wanted;
    wake_.cancel();
    if (!wanted && connection_) connection_->leave();
}

void Pusher::on_tracks(std::shared_ptr<const stream::Tracks> tracks) {
    tracks_ = std::move(tracks);
    if (connection_) connection_->on_tracks(tracks_);
}

void Pusher::on_packet(const stream::Packet& packet) {
    if (connection_) connection_->on_packet(packet);
}

net::Task<> Pusher::run() {
    const auto self = shared_from_this();
    while (!stopped_) {
        if (!wanted_) {
            set_status(Status::off);
            co_await wait(forever);
            continue;
        }
        set_status(Status::connecting);
        const auto begun = clock_.steady();
        connection_ = std::make_shared<Connection>(shard_.executor(), options_, target_, [weak = weak_from_this()] {
            if (const auto pusher = weak.lock()) pusher->on_live();
        });
        if (tracks_) connection_->on_tracks(tracks_);
        const auto outcome = co_await connection_->run();
        const auto lived = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begun);
        sent_bytes_ += connection_->sent_bytes();
        dropped_ += connection_->dropped();
        connection_.reset();
        if (!wanted_) continue;
        why_ = outcome.why;
        const auto pause = next_wait(outcome, lived);
        retry_ms_ = clock_.unix_ms() + pause.count();
        set_status(outcome.refused ? Status::refused : Status::waiting);
        co_await wait(pause);
    }
}

/// Returns early when something has changed.
net::Task<> Pusher::wait(std::chrono::milliseconds longest) {
    wake_.expires_after(longest);
    co_await wake_.async_wait(net::as_result);
}

std::chrono::milliseconds Pusher::next_wait(const Outcome& outcome, std::chrono::milliseconds lived) {
    if (status_ == Status::live && lived >= sound_after) failures_ = 0;
    const auto pause = outcome.refused ? options_.retry_max : backoff(failures_, options_.retry, options_.retry_max, random_part());
    ++failures_;
    return pause;
}

void Pusher::on_live() {
    why_.clear();
    retry_ms_ = 0;
    set_status(Status::live);
}

void Pusher::set_status(Status status) {
    if (status == status_) return;
    count(status_, -1);
    count(status, 1);
    status_ = status;
    since_ms_ = clock_.unix_ms();
    if (status == Status::off) {
        why_.clear();
        retry_ms_ = 0;
        failures_ = 0;
    }
    log::info("push_status", {{"room", room_.str()}, {"target", id_}, {"status", name_of(status)}, {"why", why_}});
}

void Pusher::describe(v1::PushState& state) const {
    state.set_target_id(id_);
    state.set_status(on_wire(status_));
    state.set_since_ms(since_ms_);
    state.set_retry_ms(retry_ms_);
    state.set_dropped_frames(static_cast<std::int64_t>(dropped_ + (connection_ ? connection_->dropped() : 0)));
    state.set_sent_bytes(static_cast<std::int64_t>(sent_bytes_ + (connection_ ? connection_->sent_bytes() : 0)));
    state.set_why(why_);
}

}  // namespace livefair::push
