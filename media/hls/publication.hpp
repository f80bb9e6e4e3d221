#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "hls/window.hpp"

namespace livefair::hls {

/// The rooms' current snapshots, one for each rendition, for all shards: a room's shard publishes, viewers' shards read. A rendition's
/// name stands in its address ("480p"); the source's is empty. Thread-safe; the lock is held for a map look-up. Bounded by the rooms
/// that have had a publisher with a good key.
class Publications {
public:
    using Current = std::shared_ptr<const Snapshot>;
    using OnChange = std::function<void(const RoomId& room, const std::string& rendition)>;
    using All = std::vector<std::pair<std::string, Current>>;

    /// `on_change` is called on the publishing shard after each change; set once, before the shards start.
    void set_on_change(OnChange on_change) { on_change_ = std::move(on_change); }
    void publish(const RoomId& room, Current snapshot, const std::string& rendition = {});
    /// The room, with all its renditions.
    void remove(const RoomId& room);
    void remove(const RoomId& room, const std::string& rendition);
    /// Null when the room has no such stream.
    Current find(const RoomId& room, const std::string& rendition = {}) const;
    /// The source first.
    All find_all(const RoomId& room) const;

private:
    OnChange on_change_;
    mutable std::mutex mutex_;
    std::map<RoomId, std::map<std::string, Current>> rooms_;
};

}  // namespace livefair::hls
