#include "thumb/thumbnails.hpp"

#include <utility>

namespace livefair::thumb {

void Thumbnails::open(const RoomId& room) {
    const std::lock_guard lock(mutex_);
    rooms_.try_emplace(room);
}

void Thumbnails::close(const RoomId& room) {
    const std::lock_guard lock(mutex_);
    rooms_.erase(room);
}

void Thumbnails::put(const RoomId& room, Thumbnail thumbnail) {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    if (found != rooms_.end()) found->second = std::move(thumbnail);
}

Thumbnail Thumbnails::find(const RoomId& room) const {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? Thumbnail() : found->second;
}

}  // namespace livefair::thumb
