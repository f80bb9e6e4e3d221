#include "push/room_pushes.hpp"

#include <livefair/v1/media.pb.h>

#include <utility>

namespace livefair::push {
namespace {

constexpr std::size_t targets_max = 8;
/// A publisher that is back by then finds the targets still connected: platforms bear a short silence.
constexpr std::chrono::seconds silence_max{10};

}  // namespace

RoomPushes::RoomPushes(net::Shard& shard, const Clock& clock, const PushOptions& options, RoomId room)
    : shard_(shard), clock_(clock), options_(options), room_(std::move(room)), pause_(shard.context()) {}

RoomPushes::~RoomPushes() {
    for (const auto& [id, pusher] : pushers_) pusher->stop();
}

void RoomPushes::set_targets(const Targets& targets) {
    for (auto at = pushers_.begin(); at != pushers_.end();) {
        const auto kept = targets.find(at->first);
        if (kept != targets.end() && kept->second == at->second->target()) {
            ++at;
            continue;
        }
        at->second->stop();
        at = pushers_.erase(at);
    }
    for (const auto& [id, target] : targets) {
        if (pushers_.count(id) != 0 || pushers_.size() >= targets_max) continue;
        const auto pusher = std::make_shared<Pusher>(shard_, clock_, options_, room_, id, target);
        pushers_.emplace(id, pusher);
        if (tracks_) pusher->on_tracks(tracks_);
        pusher->want(wanted_);
        pusher->start();
    }
}

void RoomPushes::leave() {
    pause_.cancel();
    want(false);
}

void RoomPushes::want(bool wanted) {
    wanted_ = wanted;
    for (const auto& [id, pusher] : pushers_) pusher->want(wanted);
}

void RoomPushes::on_run(const stream::Tracks& tracks) {
    pause_.cancel();
    tracks_ = std::make_shared<const stream::Tracks>(tracks);
    for (const auto& [id, pusher] : pushers_) pusher->on_tracks(tracks_);
    if (!wanted_) want(true);
}

void RoomPushes::on_packet(const stream::Packet& packet) {
    for (const auto& [id, pusher] : pushers_) pusher->on_packet(packet);
}

void RoomPushes::on_run_end() {
    pause_.expires_after(silence_max);
    pause_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        if (!ec && self && self->pause_.expiry() <= std::chrono::steady_clock::now()) self->want(false);
    });
}

void RoomPushes::describe(v1::StreamState& state) const {
    for (const auto& [id, pusher] : pushers_) pusher->describe(*state.add_pushes());
}

}  // namespace livefair::push
