#pragma once

#include <cstdint>
#include <string>

#include "net/http.hpp"

/// An answer's bytes on the wire. Private to common/net.
namespace livefair::net {

/// Status line and headers, with those that hold for every answer (nosniff, Referrer-Policy), up to the empty line.
/// `length`: of the body as it is sent.
std::string response_head(const HttpResponse& response, std::uint64_t length, bool keeps_alive);
/// The body's length: of its file, or the sum of its parts.
std::uint64_t body_bytes(const HttpResponse& response);

}  // namespace livefair::net
