#include "stream/interleaver.hpp"

#include <utility>

namespace livefair::stream {

void Interleaver::push(Packet packet) {
    auto& queue = queues_[static_cast<std::size_t>(packet.track)];
    if (packet.bytes) bytes_ += packet.bytes->size();
    queue.push_back(std::move(packet));
}

std::optional<Packet> Interleaver::pop(bool flush) {
    auto* first = &queues_[0];
    auto* second = &queues_[1];
    if (first->empty() && second->empty()) return std::nullopt;
    if (first->empty() || (!second->empty() && second->front().dts_us < first->front().dts_us)) std::swap(first, second);
    const bool held_long = first->back().dts_us - first->front().dts_us > hold_max_us || bytes_ > hold_bytes_max;
    if (second->empty() && !held_long && !flush) return std::nullopt;
    auto packet = std::move(first->front());
    first->pop_front();
    if (packet.bytes) bytes_ -= packet.bytes->size();
    return packet;
}

}  // namespace livefair::stream
