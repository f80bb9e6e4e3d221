#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/id.hpp"
#include "stream/stream.hpp"
#include "thumb/picture.hpp"
#include "thumb/thumbnails.hpp"

namespace livefair::thumb {

/// Makes thumbnails of all rooms, one at a time, on a thread of the lowest priority: live pictures come first. At most one key frame
/// of a room waits; a newer one replaces it. Owned by App; submit() is thread-safe.
class Thumbnailer {
public:
    Thumbnailer(Thumbnails& thumbnails, int width);
    ~Thumbnailer();

    /// Takes a key frame; never waits. Dropped when 256 rooms wait already.
    void submit(const RoomId& room, KeyFrame frame);

private:
    void run();
    std::optional<std::pair<RoomId, KeyFrame>> next();

    Thumbnails& thumbnails_;
    const int width_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<RoomId, KeyFrame> waiting_;
    RoomId last_;  // whose turn it was: no room is served twice while another waits
    bool stopping_ = false;
    std::thread thread_;
};

/// One room's thumbnails: hands on a key frame when one is due. Lives on the room's shard; `thumbnailer` outlives it.
class KeyFrames final : public stream::Reader {
public:
    KeyFrames(Thumbnailer& thumbnailer, RoomId room, std::int64_t every_ms);

    void on_run(const stream::Tracks& tracks) override;
    void on_packet(const stream::Packet& packet) override;
    void on_run_end() override {}

private:
    Thumbnailer& thumbnailer_;
    const RoomId room_;
    const std::int64_t every_ms_;
    std::optional<KeyFrame> wanted_;  // kind and record of the run, without a frame
    std::int64_t last_ms_ = 0;
};

}  // namespace livefair::thumb
