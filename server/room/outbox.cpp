#include "room/outbox.hpp"

#include <utility>

#include "base/metrics.hpp"

namespace livefair::room {
namespace {

/// Places of sent frames that a queue keeps before it closes the ranks.
constexpr std::size_t sent_max = 32;

void count_drops(const char* event_class, unsigned events) {
    if (events > 0)
        metrics::counter("livefair_events_dropped_total", "Events left out for viewers who read too slowly.",
                         {{"class", event_class}})
            .add(events);
}

}  // namespace

Outbox::Outbox(std::size_t bytes_max, std::function<void()> wake) : bytes_max_(bytes_max), wake_(std::move(wake)) {}

Result<> Outbox::push(SharedFrame frame) {
    auto bytes = frame->all;
    return push_item({std::move(frame), std::move(bytes)});
}

Result<> Outbox::push_answer(SharedBytes bytes) { return push_item({nullptr, std::move(bytes)}); }

SharedBytes Outbox::pop() {
    if (empty()) return nullptr;
    auto bytes = std::move(queue_[first_].bytes);
    queue_[first_++].frame.reset();
    bytes_ -= bytes->size();
    if (empty()) clear();
    else if (first_ >= sent_max && first_ * 2 > queue_.size()) remove_empty();
    return bytes;
}

bool Outbox::take_latest_missing() { return std::exchange(latest_missing_, false); }

Result<> Outbox::push_item(Item item) {
    if (too_slow_) return make_error_code(Errc::viewer_too_slow);
    bytes_ += item.bytes->size();
    queue_.push_back(std::move(item));
    if (bytes_ > bytes_max_) drop_chat();
    if (bytes_ > bytes_max_) drop_latest();
    if (bytes_ > bytes_max_) {
        too_slow_ = true;
        clear();
        bytes_ = 0;
    }
    wake_();
    if (too_slow_) return make_error_code(Errc::viewer_too_slow);
    return {};
}

void Outbox::drop_chat() {
    // Half, not just enough: the next overflow is then half a queue away, and a push stays cheap.
    for (auto& item : queue_) {
        if (bytes_ <= bytes_max_ / 2) break;
        if (!item.frame || item.bytes != item.frame->all || item.frame->droppable_events == 0) continue;
        count_drops("droppable", item.frame->droppable_events);
        replace(item, item.frame->without_chat);
    }
    remove_empty();
}

void Outbox::drop_latest() {
    for (auto& item : queue_) {
        if (!item.frame || item.frame->latest_events == 0 || item.bytes == item.frame->must_only) continue;
        count_drops("latest", item.frame->latest_events);
        replace(item, item.frame->must_only);
        latest_missing_ = true;
    }
    remove_empty();
}

void Outbox::replace(Item& item, const SharedBytes& lesser) {
    bytes_ -= item.bytes->size();
    item.bytes = lesser;
    if (lesser) bytes_ += lesser->size();
}

/// What has been sent is at the front, without bytes, too.
void Outbox::remove_empty() {
    std::erase_if(queue_, [](const Item& item) { return !item.bytes; });
    first_ = 0;
}

void Outbox::clear() {
    // The place of one frame is kept: nearly every viewer takes each at once.
    if (queue_.capacity() > 1) queue_ = {};
    else queue_.clear();
    first_ = 0;
}

}  // namespace livefair::room
