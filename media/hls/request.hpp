#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/errc.hpp"
#include "hls/window.hpp"

namespace livefair::hls {

/// The delivery directives of a playlist request (RFC 8216bis 6.2.5). Unknown ones are ignored.
struct PlaylistRequest {
    std::optional<std::uint64_t> sequence;  ///< _HLS_msn
    std::optional<std::uint64_t> part;      ///< _HLS_part
    bool skip = false;                      ///< _HLS_skip=YES or v2; what else it says is ignored, as the RFC allows.
};
/// Errors: Errc::invalid_input - not a decimal number below 2^53, or a part without a sequence number.
Result<PlaylistRequest> parse_playlist_request(const std::map<std::string, std::string>& query);

/// What a file name asks for.
struct Resource {
    enum class Kind { index, live, init, segment, part };
    Kind kind = Kind::index;
    std::uint64_t session = 0;  ///< Of a part.
    std::uint64_t number = 0;   ///< Of an init, a segment or a part.
};
/// Errors: Errc::not_found - not a name that Livefair makes.
Result<Resource> parse_resource(std::string_view name);

/// What to do with a request now.
enum class Verdict { ready, wait, bad, missing };

/// The rules of RFC 8216bis 6.2.5.2. wait: until the next snapshot; bad: 400, too far in the future.
/// Without `part` a sequence number is reached with its first part (Safari spins otherwise); a part beyond the end of a complete
/// segment means part 0 of the next.
Verdict judge_playlist(const Snapshot& snapshot, const PlaylistRequest& request, const Timing& timing);

/// Bytes of an init, segment or part; `wait` for the part that the playlist hints at.
struct Found {
    Verdict verdict = Verdict::missing;
    std::vector<SharedBytes> bytes;
    SharedBytes init;  ///< That a segment or part is played with.
    std::shared_ptr<SegmentFile> file;  ///< Of a segment.
};
Found find_resource(const Snapshot& snapshot, const Resource& resource);

}  // namespace livefair::hls
