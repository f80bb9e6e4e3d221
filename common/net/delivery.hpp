#pragma once

#include <cstdint>
#include <string>

#include "net/http.hpp"

/// The form in which an answer goes out: whole, a range of it, or packed. Private to common/net.
namespace livefair::net {

/// What a request says about the form of its answer; taken before the handler gets the request.
struct Preferences {
    bool is_get = false;
    bool is_head = false;
    bool accepts_gzip = false;
    std::string range;
    std::string if_range;
};
Preferences preferences_of(const HttpRequest& request);

/// `length` bytes from `offset` of the body of `response`; that many a Content-Length names, also for HEAD.
struct Delivery {
    HttpResponse response;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};
/// Applies HttpResponse::ranges (RFC 9110 14: one range; If-Range by strong ETag or date) and ::compress (12.5.3) to a 200.
/// A range is always one of the unpacked body.
Delivery make_delivery(const Preferences& preferences, HttpResponse response);

}  // namespace livefair::net
