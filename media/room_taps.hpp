#pragma once

#include <memory>

#include "base/config.hpp"
#include "base/id.hpp"
#include "ingest/tap.hpp"
#include "net/shard.hpp"
#include "thumb/thumbnails.hpp"

namespace livefair::thumb {
class Thumbnailer;
}

namespace livefair::media {

/// What a room's stream feeds besides HLS, for every room: the process-wide parts of it, and the adapters that tie them to
/// one room. Owned by App; made before ingest and gone after it.
class RoomTaps {
public:
    explicit RoomTaps(const Config& config);
    ~RoomTaps();

    /// The taps of one room; called on its shard.
    ingest::Taps make(net::Shard& shard, const RoomId& room);
    thumb::Thumbnails& thumbnails() { return thumbnails_; }

private:
    const Config& config_;
    thumb::Thumbnails thumbnails_;
    std::unique_ptr<thumb::Thumbnailer> thumbnailer_;  // null when they are switched off
};

}  // namespace livefair::media
