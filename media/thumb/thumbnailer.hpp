#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/id.hpp"
#include "net/shard.hpp"
#include "net/task.hpp"
#include "stream/stream.hpp"
#include "thumb/picture.hpp"
#include "thumb/thumbnails.hpp"

namespace livefair::thumb {

/// Makes thumbnails of all rooms, one at a time, on a thread of the lowest priority: live pictures come first. A room's first picture
/// is made at once; a later one when somebody asks for it, as decoding a key frame costs more than all else done with ten seconds of
/// a stream. Owned by App; all but the making is short and thread-safe.
class Thumbnailer {
public:
    Thumbnailer(Thumbnails& thumbnails, int width);
    ~Thumbnailer();

    void open(const RoomId& room);
    void close(const RoomId& room);
    /// The newest key frame that a picture may be made of; replaces the one before. Ignored when the room is not open.
    void offer(const RoomId& room, KeyFrame frame);
    /// When the picture that latest() would give was taken, Unix ms; 0: there is none.
    std::int64_t newest_ms(const RoomId& room) const;
    /// The room's newest picture, made now if it has not been; if that takes more than a second, the one before. With a null `jpeg`
    /// when there is none. On `shard`, the caller's.
    net::Task<Thumbnail> latest(net::Shard& shard, RoomId room);

private:
    struct Waiter;
    struct Room {
        std::optional<KeyFrame> offered;
        bool is_due = false;  ///< `offered` is to be made.
        std::vector<std::shared_ptr<Waiter>> waiting;  ///< For the picture of `offered`.
        bool is_being_made = false;                    ///< The frame offered before.
        std::vector<std::shared_ptr<Waiter>> served;   ///< Those who wait for that.
    };
    void run();
    std::optional<std::pair<RoomId, KeyFrame>> next();
    void finish(const RoomId& room);
    static void release(std::vector<std::shared_ptr<Waiter>>& waiters);
    std::shared_ptr<Waiter> wait_for(net::Shard& shard, const RoomId& room);

    Thumbnails& thumbnails_;
    const int width_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<RoomId, Room> rooms_;
    RoomId last_;  // whose turn it was: no room is served twice while another waits
    bool stopping_ = false;
    std::thread thread_;
};

/// One room's thumbnails: offers a key frame when one is due. Lives on the room's shard; `thumbnailer` outlives it.
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
