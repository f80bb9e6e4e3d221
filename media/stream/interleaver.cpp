#include "stream/interleaver.hpp"

#include <utility>

namespace livefair::stream {

void Interleaver::push(Packet packet) {
    auto& queue = queues_[static_cast<std::size_t>(packet.track)];
    if (packet.bytes) bytes_ += packet.bytes->size();
    queue.push_back(std::move(packet));
}

std::optional<Packet> Interleaver::pop(bool flush) {
    auto& video = queues_[static_cast<std::size_t>(Track::video)];
    auto& audio = queues_[static_cast<std::size_t>(Track::audio)];
    const bool sound_is_next = !audio.empty() && (video.empty() || audio.front().dts_us < video.front().dts_us);
    auto& next = sound_is_next ? audio : video;
    if (next.empty()) return std::nullopt;
    const bool held_long = next.back().dts_us - next.front().dts_us > hold_max_us || bytes_ > hold_bytes_max;
    if (sound_is_next && video.empty() && !held_long && !flush) return std::nullopt;
    auto packet = std::move(next.front());
    next.pop_front();
    if (packet.bytes) bytes_ -= packet.bytes->size();
    return packet;
}

}  // namespace livefair::stream
