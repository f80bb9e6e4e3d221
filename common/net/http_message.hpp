#pragma once

#include <cstdint>
#include <string>

#include "net/http.hpp"

/// An answer's bytes on the wire. Private to common/net.
namespace livefair::net {

/// Status line and headers, with those that hold for every answer (nosniff, Referrer-Policy), up to the empty line.
std::string response_head(const HttpResponse& response, bool keeps_alive);
/// The sum of the parts of the body.
std::uint64_t body_bytes(const HttpResponse& response);

}  // namespace livefair::net
