#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "stream/packet.hpp"

namespace livefair::stream {

/// Orders the packets of two tracks by time. A packet waits until the other track has reached it, but never longer than
/// `hold_max_us` of stream time and `hold_bytes_max`: a track that stalls must not hold up the other.
class Interleaver {
public:
    static constexpr std::int64_t hold_max_us = 500'000;
    static constexpr std::size_t hold_bytes_max = 8 << 20;

    void push(Packet packet);
    /// The next packet in order, if it may go; with `flush` any that is left.
    std::optional<Packet> pop(bool flush = false);

private:
    std::array<std::deque<Packet>, 2> queues_;
    std::size_t bytes_ = 0;
};

}  // namespace livefair::stream
