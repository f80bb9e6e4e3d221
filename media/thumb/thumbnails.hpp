#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "base/bytes.hpp"
#include "base/id.hpp"

namespace livefair::thumb {

/// A small picture of a room.
struct Thumbnail {
    SharedBytes jpeg;
    std::int64_t taken_ms = 0;  ///< Unix; on the stream's PROGRAM-DATE-TIME axis.
};

/// The newest thumbnail of each open room. Thread-safe; the lock is held for one map look-up. Bounded by the open rooms.
/// Owned by App.
class Thumbnails {
public:
    /// From now on the room may have a thumbnail.
    void open(const RoomId& room);
    /// Forgets the room; what is still being made of it is not kept.
    void close(const RoomId& room);
    /// Ignored when the room is not open.
    void put(const RoomId& room, Thumbnail thumbnail);
    /// With a null `jpeg` when there is none.
    Thumbnail find(const RoomId& room) const;

private:
    mutable std::mutex mutex_;
    std::map<RoomId, Thumbnail> rooms_;
};

}  // namespace livefair::thumb
