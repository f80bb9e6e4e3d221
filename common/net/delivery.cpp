#include "net/delivery.hpp"

#include <algorithm>
#include <utility>

#include "net/byte_range.hpp"
#include "net/gzip.hpp"
#include "net/http_headers.hpp"
#include "net/http_message.hpp"

namespace livefair::net {
namespace {

/// Smaller bodies don't shrink; larger ones would hold the shard for too long, so whoever makes one brings gzip_body along.
constexpr std::uint64_t gzip_bytes_min = 256, gzip_bytes_max = 64 * 1024;

std::string* find_header(HttpResponse& response, std::string_view lower_name) {
    for (auto& [name, value] : response.headers)
        if (to_lower(name) == lower_name) return &value;
    return nullptr;
}

bool range_holds(const Preferences& preferences, HttpResponse& response) {
    if (preferences.if_range.empty()) return true;
    const auto* etag = find_header(response, "etag");
    if (etag && !etag->starts_with("W/") && *etag == preferences.if_range) return true;
    const auto* modified = find_header(response, "last-modified");
    return modified && *modified == preferences.if_range;
}

void refuse_range(HttpResponse& response, std::uint64_t length) {
    response.status = 416;
    response.body.clear();
    response.file.reset();
    std::erase_if(response.headers, [](const auto& header) {
        const auto name = to_lower(header.first);
        return name == "cache-control" || name == "etag" || name == "last-modified";
    });
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(length));
}

void pack(HttpResponse& response) {
    if (!response.gzip_body) {
        std::string whole;
        for (const auto& part : response.body) whole += *part;
        response.gzip_body = share_bytes(gzip(whole));
    }
    response.body = {response.gzip_body};
    response.headers.emplace_back("Content-Encoding", "gzip");
    // The packed bytes are another representation; a strong tag may not name both (RFC 9110 8.8.3.3).
    if (auto* etag = find_header(response, "etag"); etag && !etag->starts_with("W/")) etag->insert(0, "W/");
}

}  // namespace

Preferences preferences_of(const HttpRequest& request) {
    return {request.method == "GET", request.method == "HEAD", request.accepts_gzip(), std::string(request.header("range")),
            std::string(request.header("if-range"))};
}

Delivery make_delivery(const Preferences& preferences, HttpResponse response) {
    auto length = body_bytes(response);
    if (response.status != 200) return {std::move(response), 0, length};
    if (response.compress) response.headers.emplace_back("Vary", "Accept-Encoding");
    if (response.ranges) {
        response.headers.emplace_back("Accept-Ranges", "bytes");
        const bool asks = preferences.is_get && !preferences.range.empty() && range_holds(preferences, response);
        const auto range = asks ? parse_range(preferences.range, length) : ByteRange{};
        if (range.kind == ByteRange::Kind::unsatisfiable) {
            refuse_range(response, length);
            return {std::move(response), 0, 0};
        }
        if (range.kind == ByteRange::Kind::satisfiable) {
            response.status = 206;
            response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.offset) + "-" +
                                                               std::to_string(range.offset + range.length - 1) + "/" + std::to_string(length));
            return {std::move(response), range.offset, range.length};
        }
    }
    const bool packs = response.compress && preferences.accepts_gzip && !response.file && length >= gzip_bytes_min &&
                       (response.gzip_body || length <= gzip_bytes_max);
    if (packs) {
        pack(response);
        length = response.gzip_body->size();
    }
    return {std::move(response), 0, length};
}

}  // namespace livefair::net
