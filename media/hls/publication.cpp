#include "hls/publication.hpp"

#include <utility>

namespace livefair::hls {

void Publications::publish(const RoomId& room, Current snapshot, const std::string& rendition) {
    {
        const std::lock_guard lock(mutex_);
        rooms_[room][rendition].swap(snapshot);  // the old one is freed after the lock
    }
    if (on_change_) on_change_(room, rendition);
}

void Publications::remove(const RoomId& room) {
    for (const auto& [rendition, snapshot] : find_all(room)) remove(room, rendition);
}

void Publications::remove(const RoomId& room, const std::string& rendition) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = rooms_.find(room);
        if (found == rooms_.end()) return;
        found->second.erase(rendition);
        if (found->second.empty()) rooms_.erase(found);
    }
    if (on_change_) on_change_(room, rendition);
}

Publications::Current Publications::find(const RoomId& room, const std::string& rendition) const {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return nullptr;
    const auto snapshot = found->second.find(rendition);
    return snapshot == found->second.end() ? nullptr : snapshot->second;
}

Publications::All Publications::find_all(const RoomId& room) const {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

}  // namespace livefair::hls
