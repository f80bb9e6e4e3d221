#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "hls/request.hpp"

namespace livefair::origin {

/// What a path under /hls/ asks for.
struct LivePath {
    RoomId room;
    std::string rendition;  ///< Empty: the source.
    hls::Resource resource;
};

/// Name of the rendition that is the source without its video; no rung of a ladder may have it.
constexpr std::string_view audio_rendition = "audio";

/// Whether a rendition may be called so: 1 to 16 small letters and digits.
bool is_rendition_name(std::string_view name);

/// "/hls/{room}/{file}" or "/hls/{room}/{rendition}/{file}". Errors: Errc::not_found.
Result<LivePath> parse_live_path(std::string_view path);

}  // namespace livefair::origin
