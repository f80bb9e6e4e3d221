#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "stream/packet.hpp"

namespace livefair::push {

/// What waits to be sent to one target: packets and, before them, the tracks they belong to. Holds at most `bytes_max` bytes of
/// packets; when they are more, video goes first, in whole groups of pictures from the oldest on, so that what is left can be
/// decoded; audio goes only when it alone is too much. Begins at a key frame. Lives on the room's shard.
class Queue {
public:
    explicit Queue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    struct Item {
        std::shared_ptr<const stream::Tracks> tracks;  ///< Set: the packets behind are of these; else `packet` counts.
        stream::Packet packet;
    };
    /// Packets of these follow; the first is a key frame.
    void push(std::shared_ptr<const stream::Tracks> tracks);
    void push(const stream::Packet& packet);
    std::optional<Item> pop();

    bool empty() const { return items_.empty(); }
    std::size_t bytes() const { return bytes_; }
    /// Packets left out because the target was too slow.
    std::uint64_t dropped() const { return dropped_; }

private:
    void drop_group();
    void drop_oldest_audio();

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::uint64_t dropped_ = 0;
    bool has_video_ = false;
    bool waits_for_key_ = true;   // video before the next key frame is of no use
    bool waits_for_start_ = true;  // nothing has been taken yet: sound begins with the picture
    std::deque<Item> items_;
};

}  // namespace livefair::push
