#include "record/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "base/log.hpp"
#include "record/library.hpp"
#include "record/room_writer.hpp"

namespace livefair::record {
namespace {

constexpr std::chrono::seconds housekeeping_every{30};

}  // namespace

/// What a room's shard leaves for the thread. `writer` is the thread's alone.
struct Recorder::Feed::State {
    State(const RecorderOptions& options, const Poster& poster, const RoomId& room) : writer(options, poster, room) {}
    std::mutex mutex;
    std::shared_ptr<const hls::Snapshot> newest;
    bool show_ended = false;
    bool listed = false;  // among the recorder's changed feeds
    FeedStatus status;
    RoomWriter writer;
};

Recorder::Recorder(RecorderOptions options, const Clock& clock, Poster poster)
    : options_(std::move(options)), clock_(clock), poster_(std::move(poster)), thread_([this] { run(); }) {}

Recorder::~Recorder() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Recorder::run() {
    for (const auto& folder : list_recordings(options_.dir)) {
        if (has_ended(folder)) continue;
        const auto recovery = recover(folder);
        if (!recovery) log::error("recording_damaged", {{"recording", folder}, {"why", to_string(to_errc(recovery.error()))}});
        if (recovery && *recovery == Recovery::repaired) log::warn("recording_recovered", {{"recording", folder}});
    }
    housekeep();
    auto next_housekeeping = std::chrono::steady_clock::now() + housekeeping_every;
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, next_housekeeping, [this] { return stopping_ || !changed_feeds_.empty(); });
        const auto feeds = std::exchange(changed_feeds_, {});
        const bool last = stopping_;
        lock.unlock();
        for (const auto& feed : feeds) work_off(*feed);
        if (last && feeds.empty()) return;
        if (std::chrono::steady_clock::now() < next_housekeeping) continue;
        housekeep();
        next_housekeeping = std::chrono::steady_clock::now() + housekeeping_every;
    }
}

void Recorder::work_off(Feed::State& state) {
    std::unique_lock lock(state.mutex);
    state.listed = false;
    const auto snapshot = std::exchange(state.newest, nullptr);
    const bool show_ended = std::exchange(state.show_ended, false);
    lock.unlock();
    const auto before = state.writer.folder();
    if (snapshot) state.writer.take(*snapshot);
    if (show_ended) state.writer.end_show();
    if (const auto after = state.writer.folder(); after != before) {
        std::erase(in_use_, before);
        if (!after.empty()) in_use_.push_back(after);
    }
    auto status = state.writer.status();
    lock.lock();
    state.status = std::move(status);
}

void Recorder::housekeep() {
    const auto now_ms = clock_.unix_ms();
    // Twice the time in which a publisher may come back: the room itself ends the show before that.
    end_abandoned(options_.dir, in_use_, now_ms, 2 * options_.continue_ms);
    delete_expired(options_.dir, now_ms, options_.retention_ms);
}

Recorder::Feed::Feed(Recorder& recorder, RoomId room)
    : recorder_(recorder), state_(std::make_shared<State>(recorder.options_, recorder.poster_, room)) {}

Recorder::Feed::~Feed() = default;

FeedStatus Recorder::Feed::status() const {
    const std::lock_guard lock(state_->mutex);
    return state_->status;
}

void Recorder::Feed::put(std::shared_ptr<const hls::Snapshot> snapshot) {
    std::unique_lock lock(state_->mutex);
    state_->newest = std::move(snapshot);
    list(std::move(lock));
}

void Recorder::Feed::end_show() {
    std::unique_lock lock(state_->mutex);
    state_->show_ended = true;
    list(std::move(lock));
}

void Recorder::Feed::list(std::unique_lock<std::mutex> lock) {
    if (std::exchange(state_->listed, true)) return;
    lock.unlock();
    {
        const std::lock_guard recorder_lock(recorder_.mutex_);
        recorder_.changed_feeds_.push_back(state_);
    }
    recorder_.changed_.notify_one();
}

}  // namespace livefair::record
