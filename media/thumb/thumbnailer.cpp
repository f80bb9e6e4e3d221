#include "thumb/thumbnailer.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "base/metrics.hpp"

namespace livefair::thumb {
namespace {

constexpr std::size_t waiting_max = 256;
constexpr int lowest_priority = 19;

metrics::Counter made(const char* outcome) {
    return metrics::counter("livefair_media_thumbnails_total", "Thumbnails by outcome", {{"outcome", outcome}});
}

}  // namespace

Thumbnailer::Thumbnailer(Thumbnails& thumbnails, int width) : thumbnails_(thumbnails), width_(width), thread_([this] { run(); }) {}

Thumbnailer::~Thumbnailer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Thumbnailer::submit(const RoomId& room, KeyFrame frame) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= waiting_max && waiting_.count(room) == 0) return;
        waiting_.insert_or_assign(room, std::move(frame));
    }
    changed_.notify_one();
}

std::optional<std::pair<RoomId, KeyFrame>> Thumbnailer::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return std::nullopt;
    auto at = waiting_.upper_bound(last_);
    if (at == waiting_.end()) at = waiting_.begin();
    auto taken = std::make_pair(at->first, std::move(at->second));
    waiting_.erase(at);
    last_ = taken.first;
    return taken;
}

void Thumbnailer::run() {
    // On Linux this is the thread's own; when it is refused, thumbnails are made all the same.
    static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), lowest_priority));
    auto good = made("made"), bad = made("broken");
    while (auto job = next()) {
        auto jpeg = to_jpeg(job->second, width_);
        (jpeg ? good : bad).add();
        if (jpeg) thumbnails_.put(job->first, {share_bytes(std::move(*jpeg)), job->second.taken_ms});
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
    thumbnailer_.submit(room_, std::move(frame));
}

}  // namespace livefair::thumb
