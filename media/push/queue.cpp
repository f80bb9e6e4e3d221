#include "push/queue.hpp"

#include <algorithm>
#include <utility>

namespace livefair::push {
namespace {

constexpr std::size_t item_overhead = sizeof(Queue::Item) + 64;  // the item itself, and the head that is sent before it

std::size_t cost_of(const stream::Packet& packet) { return packet.data().size() + item_overhead; }
bool is_video(const Queue::Item& item) { return !item.tracks && item.packet.track == stream::Track::video; }
bool is_audio(const Queue::Item& item) { return !item.tracks && item.packet.track == stream::Track::audio; }

}  // namespace

void Queue::push(std::shared_ptr<const stream::Tracks> tracks) {
    has_video_ = tracks->video.has_value();
    waits_for_key_ = true;
    // Tracks whose packets are all gone are of no use; so there are never many.
    if (!items_.empty() && items_.back().tracks) items_.pop_back();
    items_.push_back({std::move(tracks), {}});
}

void Queue::push(const stream::Packet& packet) {
    const bool is_picture = packet.track == stream::Track::video;
    if (is_picture && packet.key) waits_for_key_ = false;
    if (is_picture && waits_for_key_) {
        if (!waits_for_start_) ++dropped_;
        return;
    }
    if (has_video_ && waits_for_start_ && !is_picture) return;
    waits_for_start_ = false;
    bytes_ += cost_of(packet);
    items_.push_back({nullptr, packet});
    while (bytes_ > bytes_max_ && std::any_of(items_.begin(), items_.end(), is_video)) drop_group();
    while (bytes_ > bytes_max_) drop_oldest_audio();
}

std::optional<Queue::Item> Queue::pop() {
    if (items_.empty()) return std::nullopt;
    auto item = std::move(items_.front());
    items_.pop_front();
    if (!item.tracks) bytes_ -= cost_of(item.packet);
    return item;
}

/// The oldest video up to the next key frame; all of it, and what still comes of it, when there is none.
void Queue::drop_group() {
    const auto first = std::find_if(items_.begin(), items_.end(), is_video);
    const auto next_key = std::find_if(first + 1, items_.end(), [](const Item& item) { return is_video(item) && item.packet.key; });
    if (next_key == items_.end()) waits_for_key_ = true;
    const auto keep_from = next_key - items_.begin();
    std::deque<Item> kept;
    for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(items_.size()); ++i) {
        auto& item = items_[static_cast<std::size_t>(i)];
        if (i < keep_from && is_video(item)) {
            bytes_ -= cost_of(item.packet);
            ++dropped_;
        } else {
            kept.push_back(std::move(item));
        }
    }
    items_ = std::move(kept);
}

void Queue::drop_oldest_audio() {
    const auto oldest = std::find_if(items_.begin(), items_.end(), is_audio);
    bytes_ -= cost_of(oldest->packet);
    ++dropped_;
    items_.erase(oldest);
}

}  // namespace livefair::push
