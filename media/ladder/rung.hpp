#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::ladder {

/// One rung: a smaller picture made from the source's.
struct Rung {
    std::string name;              ///< In the playlist's address: "480p".
    int height = 480;              ///< Pixels; the width follows the source's shape. A source of this height or less has no such rung.
    std::int64_t bitrate_bps = 0;
};

/// "480p": 144 to 2160 lines, an even number, at a bit rate that follows from it (480p: 920 kbit/s, 720p: 2.1 Mbit/s).
/// Errors: Errc::invalid_input.
Result<Rung> parse_rung(std::string_view name);

}  // namespace livefair::ladder
