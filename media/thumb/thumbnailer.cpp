#include "thumb/thumbnailer.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "base/metrics.hpp"

namespace livefair::thumb {
namespace {

constexpr std::chrono::seconds patience{1};
constexpr int lowest_priority = 19;

metrics::Counter made(const char* outcome) {
    return metrics::counter("livefair_media_thumbnails_total", "Thumbnails by outcome", {{"outcome", outcome}});
}

}  // namespace

/// Lives on its shard, but for the call that ends the wait.
struct Thumbnailer::Waiter {
    explicit Waiter(net::Shard& on) : shard(on), done(on.context(), patience) {}
    net::Shard& shard;
    net::asio::steady_timer done;
};

Thumbnailer::Thumbnailer(Thumbnails& thumbnails, int width) : thumbnails_(thumbnails), width_(width), thread_([this] { run(); }) {}

Thumbnailer::~Thumbnailer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Thumbnailer::open(const RoomId& room) {
    thumbnails_.open(room);
    const std::lock_guard lock(mutex_);
    rooms_[room];
}

void Thumbnailer::close(const RoomId& room) {
    thumbnails_.close(room);
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    release(found->second.waiting);
    release(found->second.served);
    rooms_.erase(found);
}

void Thumbnailer::offer(const RoomId& room, KeyFrame frame) {
    const bool is_first = !thumbnails_.find(room).jpeg;
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    found->second.offered = std::move(frame);
    if (!is_first) return;
    found->second.is_due = true;
    changed_.notify_one();
}

std::int64_t Thumbnailer::newest_ms(const RoomId& room) const {
    const auto made = thumbnails_.find(room);
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (!made.jpeg || found == rooms_.end() || !found->second.offered) return made.taken_ms;
    return found->second.offered->taken_ms;
}

std::shared_ptr<Thumbnailer::Waiter> Thumbnailer::wait_for(net::Shard& shard, const RoomId& room) {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (found == rooms_.end() || (!found->second.offered && !found->second.is_being_made)) return nullptr;
    if (!found->second.offered) return found->second.served.emplace_back(std::make_shared<Waiter>(shard));
    found->second.is_due = true;
    changed_.notify_one();
    return found->second.waiting.emplace_back(std::make_shared<Waiter>(shard));
}

net::Task<Thumbnail> Thumbnailer::latest(net::Shard& shard, RoomId room) {
    // finish() posts to this shard, so it can't end a wait that has not begun.
    if (const auto waiter = wait_for(shard, room)) co_await waiter->done.async_wait(net::as_result);
    co_return thumbnails_.find(room);
}

std::optional<std::pair<RoomId, KeyFrame>> Thumbnailer::next() {
    std::unique_lock lock(mutex_);
    for (;; changed_.wait(lock)) {
        if (stopping_) return std::nullopt;
        const auto is_due = [](const auto& entry) { return entry.second.is_due; };
        auto at = std::find_if(rooms_.upper_bound(last_), rooms_.end(), is_due);
        if (at == rooms_.end()) at = std::find_if(rooms_.begin(), rooms_.end(), is_due);
        if (at == rooms_.end()) continue;
        auto taken = std::make_pair(at->first, std::move(*at->second.offered));
        at->second.offered.reset();
        at->second.is_due = false;
        at->second.is_being_made = true;
        at->second.served = std::exchange(at->second.waiting, {});
        last_ = taken.first;
        return taken;
    }
}

/// Those who wait get what there is now.
void Thumbnailer::finish(const RoomId& room) {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    found->second.is_being_made = false;
    release(found->second.served);
}

void Thumbnailer::release(std::vector<std::shared_ptr<Waiter>>& waiters) {
    for (const auto& waiter : std::exchange(waiters, {})) waiter->shard.post([waiter] { waiter->done.cancel(); });
}

void Thumbnailer::run() {
    // On Linux this is the thread's own; when it is refused, thumbnails are made all the same.
    static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), lowest_priority));
    auto good = made("made"), bad = made("broken");
    while (auto job = next()) {
        auto jpeg = to_jpeg(job->second, width_);
        (jpeg ? good : bad).add();
        if (jpeg) thumbnails_.put(job->first, {share_bytes(std::move(*jpeg)), job->second.taken_ms});
        finish(job->first);
    }
}

KeyFrames::KeyFrames(Thumbnailer& thumbnailer, RoomId room, std::int64_t every_ms)
    : thumbnailer_(thumbnailer), room_(std::move(room)), every_ms_(every_ms) {}

void KeyFrames::on_run(const stream::Tracks& tracks) {
    wanted_.reset();
    if (!tracks.video) return;
    wanted_.emplace();
    wanted_->kind = tracks.video->kind;
    wanted_->record = tracks.video->record;
}

void KeyFrames::on_packet(const stream::Packet& packet) {
    if (!wanted_ || packet.track != stream::Track::video || !packet.key) return;
    // The stream's clock may be set anew; then "later" means nothing. It also drifts by milliseconds: a key frame that is nearly due
    // is taken.
    const auto age_ms = packet.wall_ms - last_ms_;
    if (age_ms >= 0 && age_ms < every_ms_ - every_ms_ / 20) return;
    last_ms_ = packet.wall_ms;
    auto frame = *wanted_;
    frame.bytes = packet.bytes;
    frame.offset = packet.offset;
    frame.taken_ms = packet.wall_ms;
    thumbnailer_.offer(room_, std::move(frame));
}

}  // namespace livefair::thumb
