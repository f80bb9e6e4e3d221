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
/// The room's newest picture, good for `every_ms`; none: there is no picture yet.
std::optional<net::HttpResponse> thumb_file(const thumb::Thumbnails& thumbnails, const RoomId& room, std::int64_t every_ms);

}  // namespace livefair::origin
