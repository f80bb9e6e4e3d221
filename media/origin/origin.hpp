#pragma once

#include "auth/origins.hpp"
#include "base/config.hpp"
#include "hls/publication.hpp"
#include "net/http.hpp"
#include "origin/access.hpp"
#include "origin/live.hpp"
#include "origin/replay.hpp"
#include "thumb/thumbnailer.hpp"

namespace livefair::origin {

/// The HLS port: GET and HEAD of /hls/... (Live), /replay/... (Replay) and /thumb/{room}/latest.jpg, with Access and CORS by the
/// allow-list for all of them. On any
/// shard. Owned by App; outlives the shards' run.
class Origin {
public:
    /// `secret`: of auth/media_secret.hpp.
    Origin(const Config& config, const Clock& clock, net::Shards& shards, std::string secret, hls::Publications& publications, thumb::Thumbnailer* thumbnailer);
    void start() { access_.start(); }
    net::Task<net::HttpResponse> handle(net::Shard& shard, net::HttpRequest request);

private:
    net::Task<net::HttpResponse> answer(net::Shard& shard, net::HttpRequest& request);
    net::Task<net::HttpResponse> answer_allowed(net::Shard& shard, const net::HttpRequest& request);
    net::Task<net::HttpResponse> answer_thumb(net::Shard& shard, const std::string& path);

    const auth::Origins origins_;
    thumb::Thumbnailer* const thumbnailer_;
    const std::int64_t thumb_every_ms_;
    Access access_;
    Live live_;
    Replay replay_;
};

}  // namespace livefair::origin
