#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace livefair::hls {

/// Something on sale while the picture runs: a pinned product, or a flash sale that is open. Times are Unix milliseconds on
/// PROGRAM-DATE-TIME's axis.
struct Cue {
    enum class Kind { pin, sale };
    std::string id;  ///< Of letters, digits, '-' and '_'; the same through the cue's life, and the name of its clip.
    Kind kind = Kind::pin;
    std::int64_t start_ms = 0;
    std::optional<std::int64_t> end_ms;  ///< None while it goes on.
    std::string offer_id;
    std::string title;  ///< UTF-8, as people see it.
    std::int64_t price_fen = 0;
    std::optional<std::int64_t> planned_end_ms = {};  ///< When a sale is to close by itself; known at its start.
};
using Cues = std::vector<Cue>;

/// The whole EXT-X-DATERANGE line, without its end of line (RFC 8216bis 4.4.5.1): CLASS cn.livefair.pin or cn.livefair.sale, and
/// X-OFFER-ID, X-TITLE, X-PRICE-FEN. An open cue has no END-DATE yet (PLANNED-DURATION when its end is
/// planned); its other attributes never change, as the RFC wants. END-ON-NEXT would not do: after an unpin no next one follows.
std::string render_cue(const Cue& cue);

/// "2026-11-23T01:02:03.456Z"
std::string date_time(std::int64_t unix_ms);

}  // namespace livefair::hls
