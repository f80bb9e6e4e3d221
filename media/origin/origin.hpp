#pragma once

#include <chrono>

#include "auth/origins.hpp"
#include "base/config.hpp"
#include "hls/publication.hpp"
#include "hls/request.hpp"
#include "net/http.hpp"
#include "origin/parking.hpp"
#include "thumb/thumbnails.hpp"

namespace livefair::origin {

/// Answers GET and HEAD of /hls/{room}/{file} on any shard: playlists (with blocking reload), inits, segments and parts, all from
/// memory and without copying; and of /thumb/{room}/latest.jpg. Holds the room's snapshot only while an answer is made. Owned by App; outlives the shards' run.
class Origin {
public:
    Origin(const Config& config, net::Shards& shards, hls::Publications& publications, const thumb::Thumbnails& thumbnails);
    net::Task<net::HttpResponse> handle(net::Shard& shard, net::HttpRequest request);

private:
    net::Task<net::HttpResponse> answer(net::Shard& shard, const net::HttpRequest& request);
    net::HttpResponse answer_thumb(std::string_view path) const;
    /// The answer that can be given from `snapshot` now; none: wait.
    std::optional<net::HttpResponse> try_answer(const hls::Snapshot& snapshot, const hls::Resource& resource,
                                                const hls::PlaylistRequest& directives) const;

    const auth::Origins origins_;
    const hls::Timing timing_;
    const std::chrono::milliseconds wait_max_;
    hls::Publications& publications_;
    const thumb::Thumbnails& thumbnails_;
    const std::int64_t thumb_every_ms_;
    Parking parking_;
};

}  // namespace livefair::origin
