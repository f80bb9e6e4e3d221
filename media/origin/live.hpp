#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/config.hpp"
#include "hls/playlist.hpp"
#include "hls/publication.hpp"
#include "hls/request.hpp"
#include "net/http.hpp"
#include "origin/live_path.hpp"
#include "origin/parking.hpp"

namespace livefair::origin {

/// Answers GET and HEAD of /hls/...: playlists (with blocking reload), inits, segments and parts of every rendition, all from memory
/// and without copying, but for the audio-only rendition, whose bytes are cut out of the source's for each answer. Holds a snapshot
/// only while an answer is made. On any shard. Owned by Origin.
class Live {
public:
    Live(const Config& config, net::Shards& shards, hls::Publications& publications);
    net::Task<net::HttpResponse> answer(net::Shard& shard, const net::HttpRequest& request);

private:
    /// One request, and what it may be answered with.
    struct Ask {
        LivePath path;
        std::string file;  ///< The path's last part.
        hls::PlaylistRequest directives;
        bool accepts_gzip = false;
        bool audio_only = false;
    };
    hls::Publications::Current find(const Ask& ask) const;
    /// The answer that can be given from `snapshot` now; none: wait.
    std::optional<net::HttpResponse> try_answer(const hls::Snapshot& snapshot, const Ask& ask) const;
    net::HttpResponse playlist(const hls::Snapshot& snapshot, const Ask& ask) const;
    std::string media_playlist(const hls::Snapshot& snapshot, const Ask& ask) const;
    std::string multivariant_playlist(const hls::Snapshot& snapshot, const Ask& ask) const;
    bool has_audio_rendition(const hls::Snapshot& source) const;

    const hls::Timing timing_;
    const std::chrono::milliseconds wait_max_;
    const bool audio_rendition_;
    hls::Publications& publications_;
    Parking parking_;
};

}  // namespace livefair::origin
