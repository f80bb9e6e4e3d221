#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "hls/window.hpp"

namespace livefair::record {

struct RecorderOptions {
    std::string dir;
    std::int64_t reserve_bytes = 0;   ///< With less than this free on the disk, nothing more is recorded.
    std::int64_t continue_ms = 0;     ///< A recording that stopped no longer ago is gone on with.
    std::int64_t retention_ms = 0;
};

/// How a room's recording does; read on the room's shard.
struct FeedStatus {
    std::string recording_id;
    std::uint64_t bytes = 0;
    std::int64_t lost_ms = 0;
    std::int64_t disk_free_bytes = 0;
    bool failing = false;  ///< Media is being lost now.
};

/// Writes every room's snapshots to disk, on one thread. A shard only leaves its newest snapshot; what the thread has not written yet is
/// still in it as long as it is less than the window behind, so no queue grows and no shard ever waits. What has left the window
/// unwritten becomes a gap of the recording. Owned by RoomTaps; outlives every Feed.
class Recorder {
public:
    /// The newest picture of a room for its recording's poster; null: none.
    using Poster = std::function<SharedBytes(const RoomId&)>;
    /// Starts by making whole what an earlier run left unfinished.
    Recorder(RecorderOptions options, const Clock& clock, Poster poster);
    /// Writes what is there, then joins.
    ~Recorder();

    /// One room's way in. On the room's shard; dropping it lets the recording rest, to be gone on with or ended later.
    class Feed {
    public:
        Feed(Recorder& recorder, RoomId room);
        ~Feed();
        Feed(const Feed&) = delete;
        Feed& operator=(const Feed&) = delete;
        void put(std::shared_ptr<const hls::Snapshot> snapshot);
        void end_show();
        FeedStatus status() const;

    private:
        friend class Recorder;
        struct State;
        /// Tells the thread that there is something to do. `lock`: on the state.
        void list(std::unique_lock<std::mutex> lock);
        Recorder& recorder_;
        std::shared_ptr<State> state_;
    };

private:
    void run();
    void work_off(Feed::State& state);
    void housekeep();

    const RecorderOptions options_;
    const Clock& clock_;
    const Poster poster_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::shared_ptr<Feed::State>> changed_feeds_;
    bool stopping_ = false;
    std::vector<std::string> in_use_;  // folders being written; on the thread
    std::thread thread_;               // last: it uses all of the above
};

}  // namespace livefair::record
