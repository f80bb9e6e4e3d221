#include "origin/origin.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/metrics.hpp"
#include "origin/answer.hpp"
#include "origin/thumb_file.hpp"

namespace livefair::origin {
namespace {

/// Answers by what was asked for and the hundreds of their status, and the bytes of bodies before compression.
void count(std::string_view path, const net::HttpResponse& response) {
    constexpr const char* help = "Answers on the HLS port";
    static const auto make = [](const char* what, int hundreds) {
        return metrics::counter("livefair_media_answers_total", help, {{"what", what}, {"status", std::to_string(hundreds) + "xx"}});
    };
    static std::array<metrics::Counter, 4> playlists{make("playlist", 2), make("playlist", 3), make("playlist", 4), make("playlist", 5)};
    static std::array<metrics::Counter, 4> others{make("media", 2), make("media", 3), make("media", 4), make("media", 5)};
    static auto bytes = metrics::counter("livefair_media_body_bytes_total", "Bytes of bodies of answers on the HLS port, before compression");
    auto& counters = path.ends_with(".m3u8") ? playlists : others;
    counters[static_cast<std::size_t>(std::clamp(response.status / 100, 2, 5) - 2)].add();
    std::uint64_t size = response.file ? response.file->length : 0;
    for (const auto& part : response.body) size += part->size();
    bytes.add(static_cast<double>(size));
}

}  // namespace

Origin::Origin(const Config& config, const Clock& clock, net::Shards& shards, std::string secret, hls::Publications& publications, thumb::Thumbnailer* thumbnailer)
    : origins_(config.site.url, config.site.allowed_origins),
      thumbnailer_(thumbnailer),
      thumb_every_ms_(config.thumb.every_ms),
      access_(config, clock, shards, std::move(secret)),
      live_(config, shards, publications),
      replay_(config.record.dir, config.record.reserve_bytes) {}

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
    count(request.path, response);
    // Caches keep one copy an origin, also when this request had none.
    response.headers.emplace_back("Vary", "Origin");
    if (const auto origin = request.header("origin"); origins_.allows(origin)) {
        response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
        // Players read Age to know how old a cache's playlist is.
        response.headers.emplace_back("Access-Control-Expose-Headers", "Age, Content-Length, Content-Range, Date");
    }
    co_return response;
}

net::Task<net::HttpResponse> Origin::answer_thumb(net::Shard& shard, const std::string& path) {
    const auto room = parse_thumb_path(path);
    if (!room || !thumbnailer_) co_return problem(404, Errc::not_found);
    auto thumbnail = co_await thumbnailer_->latest(shard, *room);
    if (!thumbnail.jpeg) co_return problem(404, Errc::not_found);
    co_return thumb_file(std::move(thumbnail), thumb_every_ms_);
}

net::Task<net::HttpResponse> Origin::answer(net::Shard& shard, net::HttpRequest& request) {
    const auto pass = co_await access_.check(request);
    if (!pass) co_return Access::refusal(to_errc(pass.error()));
    auto response = co_await answer_allowed(shard, request);
    if (pass->personal) Access::make_personal(response);
    co_return response;
}

net::Task<net::HttpResponse> Origin::answer_allowed(net::Shard& shard, const net::HttpRequest& request) {
    if (request.path.starts_with(thumb_prefix)) co_return co_await answer_thumb(shard, request.path);
    if (request.path.starts_with(replay_prefix)) co_return co_await replay_.answer(shard, request);
    co_return co_await live_.answer(shard, request);
}

}  // namespace livefair::origin
