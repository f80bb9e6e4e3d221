#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "base/id.hpp"
#include "hls/window.hpp"

namespace livefair::hls {

/// The rooms' current snapshots, for all shards: a room's shard publishes, viewers' shards read. Thread-safe; the lock is held for
/// one map look-up. Bounded by the rooms that have had a publisher with a good key.
class Publications {
public:
    using Current = std::shared_ptr<const Snapshot>;
    using OnChange = std::function<void(const RoomId& room)>;

    /// `on_change` is called on the publishing shard after each change of a room; set once, before the shards start.
    void set_on_change(OnChange on_change) { on_change_ = std::move(on_change); }
    void publish(const RoomId& room, Current snapshot);
    void remove(const RoomId& room);
    /// Null when the room has no stream.
    Current find(const RoomId& room) const;

private:
    OnChange on_change_;
    mutable std::mutex mutex_;
    std::map<RoomId, Current> rooms_;
};

}  // namespace livefair::hls
