#include "origin/live_path.hpp"

#include <algorithm>
#include <utility>

namespace livefair::origin {
namespace {

/// What stands before the next '/', taken off with it.
std::string_view take_segment(std::string_view& path) {
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    return segment;
}

}  // namespace

bool is_rendition_name(std::string_view name) {
    return !name.empty() && name.size() <= 16 &&
           std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<LivePath> parse_live_path(std::string_view path) {
    constexpr std::string_view prefix = "/hls/";
    if (!path.starts_with(prefix)) return make_error_code(Errc::not_found);
    path.remove_prefix(prefix.size());
    auto room = RoomId::parse(take_segment(path));
    if (!room) return make_error_code(Errc::not_found);
    std::string rendition;
    if (path.find('/') != std::string_view::npos) {
        rendition = take_segment(path);
        if (!is_rendition_name(rendition)) return make_error_code(Errc::not_found);
    }
    const auto resource = hls::parse_resource(path);
    if (!resource) return resource.error();
    return LivePath{std::move(*room), std::move(rendition), *resource};
}

}  // namespace livefair::origin
