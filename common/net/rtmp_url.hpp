#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::net {

/// Where an RTMP server takes streams: what OBS calls "Server", without the stream key.
struct RtmpUrl {
    bool tls = false;          ///< rtmps.
    std::string host;          ///< A name, or an address; IPv6 without its brackets.
    std::uint16_t port = 1935; ///< 443 for rtmps.
    std::string app;           ///< Without slashes at its ends; may hold some inside.

    /// What `connect` names as tcUrl: scheme, host, port unless it is the usual one, app.
    std::string tc_url() const;
};

/// Reads "rtmp://host[:port]/app" or "rtmps://..."; at most 255 bytes of printable ASCII.
/// Errors: invalid_input - another scheme, no host or app, a user, a query or a fragment (what follows a '?' belongs to the key),
/// a bad port.
Result<RtmpUrl> parse_rtmp_url(std::string_view text);

}  // namespace livefair::net
