#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "stream/packet.hpp"

namespace livefair::stream {

/// Orders the packets of two tracks by time, as far as that costs no delay: sound waits until the picture has reached it, but never
/// longer than `hold_max_us` of stream time and `hold_bytes_max`, for pictures may stall. A picture waits for nobody: encoders send
/// sound behind the picture, so waiting would cost a frame or two, and sound that is late goes out late.
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
