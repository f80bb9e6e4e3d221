#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/id.hpp"
#include "hls/window.hpp"
#include "net/shard.hpp"
#include "stream/stream.hpp"

namespace livefair::v1 {
class StreamState;
}

namespace livefair::ingest {

/// What else becomes of a room's stream besides HLS: a recording, thumbnails, a push to another platform. Made for each room by
/// App; every call comes on the room's shard and must not block; destroyed with the room.
class Tap {
public:
    virtual ~Tap() = default;
    /// Where the packets go, if it wants them; asked once, before the first.
    virtual stream::Reader* reader() { return nullptr; }
    /// Each new snapshot, after viewers can see it.
    virtual void on_snapshot(const std::shared_ptr<const hls::Snapshot>&) {}
    /// The grace time is over: the show has ended. A later publisher begins another.
    virtual void on_show_end() {}
    /// Adds its own figures to the room's report.
    virtual void describe(v1::StreamState&) {}
};

using Taps = std::vector<std::unique_ptr<Tap>>;
using TapFactory = std::function<Taps(net::Shard& shard, const RoomId& room)>;

}  // namespace livefair::ingest
