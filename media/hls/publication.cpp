#include "hls/publication.hpp"

#include <utility>

namespace livefair::hls {

void Publications::publish(const RoomId& room, Current snapshot) {
    {
        const std::lock_guard lock(mutex_);
        rooms_[room].swap(snapshot);  // the old one is freed after the lock
    }
    if (on_change_) on_change_(room);
}

void Publications::remove(const RoomId& room) {
    {
        const std::lock_guard lock(mutex_);
        rooms_.erase(room);
    }
    if (on_change_) on_change_(room);
}

Publications::Current Publications::find(const RoomId& room) const {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? nullptr : found->second;
}

}  // namespace livefair::hls
