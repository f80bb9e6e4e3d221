#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/http.hpp"
#include "thumb/thumbnails.hpp"

namespace livefair::origin {

constexpr std::string_view thumb_prefix = "/thumb/";

/// The room of "/thumb/{room}/latest.jpg". Errors: Errc::not_found.
Result<RoomId> parse_thumb_path(std::string_view path);
/// A room's picture, good for `every_ms`.
net::HttpResponse thumb_file(thumb::Thumbnail thumbnail, std::int64_t every_ms);

}  // namespace livefair::origin
