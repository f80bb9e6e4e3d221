#include "room/outbox.hpp"

#include <utility>

#include "base/metrics.hpp"

namespace livefair::room {
namespace {

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
    if (queue_.empty()) return nullptr;
    auto bytes = std::move(queue_.front().bytes);
    queue_.pop_front();
    bytes_ -= bytes->size();
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
        queue_.clear();
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

void Outbox::remove_empty() {
    std::erase_if(queue_, [](const Item& item) { return !item.bytes; });
}

}  // namespace livefair::room
