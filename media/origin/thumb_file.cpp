#include "origin/thumb_file.hpp"

#include <algorithm>
#include <string>

namespace livefair::origin {

Result<RoomId> parse_thumb_path(std::string_view path) {
    constexpr std::string_view file = "/latest.jpg";
    if (!path.starts_with(thumb_prefix) || !path.ends_with(file) || path.size() < thumb_prefix.size() + file.size())
        return make_error_code(Errc::not_found);
    path.remove_prefix(thumb_prefix.size());
    path.remove_suffix(file.size());
    auto room = RoomId::parse(path);
    if (!room) return make_error_code(Errc::not_found);
    return room;
}

net::HttpResponse thumb_file(thumb::Thumbnail thumbnail, std::int64_t every_ms) {
    net::HttpResponse response;
    response.content_type = "image/jpeg";
    response.headers.emplace_back("Cache-Control", "public, max-age=" + std::to_string(std::max<std::int64_t>(every_ms / 1000, 1)));
    response.body.push_back(std::move(thumbnail.jpeg));
    return response;
}

}  // namespace livefair::origin
