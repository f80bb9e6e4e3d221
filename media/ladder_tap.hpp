#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/id.hpp"
#include "hls/publication.hpp"
#include "ingest/tap.hpp"
#include "ladder/rung.hpp"
#include "net/shard.hpp"

namespace livefair::media {

/// The rungs of ladder.renditions. Throws std::runtime_error that names one that is none (start-up only).
std::vector<ladder::Rung> rungs_of(const Config& config);

/// A room's smaller renditions, published under their names beside the source. Each has a thread of its own.
std::unique_ptr<ingest::Tap> make_ladder_tap(net::Shard& shard, const Clock& clock, const Config& config, const RoomId& room,
                                             const std::vector<ladder::Rung>& rungs, hls::Publications& publications);

}  // namespace livefair::media
