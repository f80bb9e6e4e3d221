#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::net {

/// The target of a request line, decoded and safe to route by.
struct Target {
    std::string path;                          ///< As HttpRequest::path.
    std::map<std::string, std::string> query;  ///< As HttpRequest::query; at most 64 names.
};

/// Decodes an origin-form target ("/hls/a/live.m3u8?_HLS_msn=3"). One '/' at the end of a path is dropped.
/// Errors: invalid_input - another form (absolute, "*"), a bad or double percent-encoding, an encoded '/', NUL or another
/// control character, a backslash, an empty, "." or ".." segment, not UTF-8, or more than 64 names in the query.
Result<Target> parse_target(std::string_view target);

}  // namespace livefair::net
