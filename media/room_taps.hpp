#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/id.hpp"
#include "hls/publication.hpp"
#include "ingest/tap.hpp"
#include "ladder/rung.hpp"
#include "net/shard.hpp"
#include "push/directory.hpp"
#include "thumb/thumbnails.hpp"

namespace livefair::record {
class Recorder;
}
namespace livefair::thumb {
class Thumbnailer;
}

namespace livefair::media {

/// What a room's stream feeds besides HLS, for every room: the process-wide parts of it, and the adapters that tie them to
/// one room. Owned by App; made before ingest and gone after it.
class RoomTaps {
public:
    /// Throws std::runtime_error when the media secret can't be read, or ladder.renditions can't.
    RoomTaps(const Config& config, const Clock& clock, net::Shards& shards, hls::Publications& publications);
    ~RoomTaps();
    void start();

    /// The taps of one room; called on its shard.
    ingest::Taps make(net::Shard& shard, const RoomId& room);
    /// Null when thumbnails are switched off.
    thumb::Thumbnailer* thumbnailer() { return thumbnailer_.get(); }

private:
    const Config& config_;
    const Clock& clock_;
    thumb::Thumbnails thumbnails_;
    std::unique_ptr<record::Recorder> recorder_;       // null when it is switched off
    std::unique_ptr<thumb::Thumbnailer> thumbnailer_;  // null when they are switched off
    push::Directory push_targets_;
    const std::vector<ladder::Rung> rungs_;
    hls::Publications& publications_;
};

}  // namespace livefair::media
