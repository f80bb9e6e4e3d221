#include "origin/origin.hpp"

#include <utility>

#include "origin/answer.hpp"
#include "origin/thumb_file.hpp"

namespace livefair::origin {

Origin::Origin(const Config& config, net::Shards& shards, hls::Publications& publications, const thumb::Thumbnails& thumbnails)
    : origins_(config.site.url, config.site.allowed_origins),
      thumbnails_(thumbnails),
      thumb_every_ms_(config.thumb.every_ms),
      live_(config, shards, publications),
      replay_(config.record.dir) {}

net::Task<net::HttpResponse> Origin::handle(net::Shard& shard, net::HttpRequest request) {
    net::HttpResponse response;
    if (request.method == "OPTIONS") {
        response.status = 204;
        response.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD");
        response.headers.emplace_back("Access-Control-Allow-Headers", "Range, If-Range");
        response.headers.emplace_back("Access-Control-Max-Age", "86400");
    } else if (request.method != "GET" && request.method != "HEAD") {
        response = problem(405, Errc::unsupported);
        response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
    } else {
        response = co_await answer(shard, request);
    }
    // Caches keep one copy an origin, also when this request had none.
    response.headers.emplace_back("Vary", "Origin");
    if (const auto origin = request.header("origin"); origins_.allows(origin)) {
        response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
        // Players read Age to know how old a cache's playlist is.
        response.headers.emplace_back("Access-Control-Expose-Headers", "Age, Content-Length, Content-Range, Date");
    }
    co_return response;
}

net::HttpResponse Origin::answer_thumb(std::string_view path) const {
    const auto room = parse_thumb_path(path);
    auto found = room ? thumb_file(thumbnails_, *room, thumb_every_ms_) : std::nullopt;
    return found ? std::move(*found) : problem(404, Errc::not_found);
}

net::Task<net::HttpResponse> Origin::answer(net::Shard& shard, const net::HttpRequest& request) {
    if (request.path.starts_with(thumb_prefix)) co_return answer_thumb(request.path);
    if (request.path.starts_with(replay_prefix)) co_return co_await replay_.answer(shard, request);
    co_return co_await live_.answer(shard, request);
}

}  // namespace livefair::origin
