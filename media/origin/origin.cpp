#include "origin/origin.hpp"

#include <utility>

#include "base/metrics.hpp"
#include "base/sentences.hpp"
#include "hls/segmenter.hpp"
#include "origin/thumb_file.hpp"

namespace livefair::origin {
namespace {

constexpr std::string_view path_prefix = "/hls/";
constexpr const char* playlist_type = "application/vnd.apple.mpegurl";

net::HttpResponse problem(int status, Errc errc) {
    const auto sentences = sentences_of(errc);
    std::string body = "{\"code\":\"" + std::string(to_string(errc)) + "\",\"messageZh\":\"" + std::string(sentences.zh) +
                       "\",\"messageEn\":\"" + std::string(sentences.en) + "\"}";
    auto response = net::HttpResponse::text(status, std::move(body));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

net::HttpResponse file(std::vector<SharedBytes> body, const char* content_type, const char* cache_control) {
    net::HttpResponse response;
    response.content_type = content_type;
    response.headers.emplace_back("Cache-Control", cache_control);
    response.body = std::move(body);
    return response;
}

struct Target {
    RoomId room;
    hls::Resource resource;
};

/// "/hls/{room}/{file}". Errors: Errc::not_found.
Result<Target> parse_path(std::string_view path) {
    if (!path.starts_with(path_prefix)) return make_error_code(Errc::not_found);
    path.remove_prefix(path_prefix.size());
    const auto slash = path.find('/');
    auto room = RoomId::parse(path.substr(0, slash));
    if (!room || slash == std::string_view::npos) return make_error_code(Errc::not_found);
    const auto resource = hls::parse_resource(path.substr(slash + 1));
    if (!resource) return resource.error();
    return Target{std::move(*room), *resource};
}

}  // namespace

Origin::Origin(const Config& config, net::Shards& shards, hls::Publications& publications, const thumb::Thumbnails& thumbnails)
    : origins_(config.site.url, config.site.allowed_origins),
      timing_(hls::timing_of(config.media.part_ms, config.media.segment_ms)),
      wait_max_(std::chrono::seconds(3 * timing_.target_duration_s)),  // RFC 8216bis 6.2.5.2
      publications_(publications),
      thumbnails_(thumbnails),
      thumb_every_ms_(config.thumb.every_ms),
      parking_(shards, static_cast<std::size_t>(config.media.blocked_requests_max)) {
    publications_.set_on_change([this](const RoomId& room) { parking_.wake(room); });
}

net::Task<net::HttpResponse> Origin::handle(net::Shard& shard, net::HttpRequest request) {
    net::HttpResponse response;
    if (request.method == "OPTIONS") {
        response.status = 204;
        response.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD");
        response.headers.emplace_back("Access-Control-Max-Age", "86400");
    } else if (request.method != "GET" && request.method != "HEAD") {
        response = problem(405, Errc::unsupported);
        response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
    } else {
        response = co_await answer(shard, request);
    }
    // Caches keep one copy an origin, also when this request had none.
    response.headers.emplace_back("Vary", "Origin");
    if (const auto origin = request.header("origin"); origins_.allows(origin))
        response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
    co_return response;
}

net::HttpResponse Origin::answer_thumb(std::string_view path) const {
    const auto room = parse_thumb_path(path);
    auto found = room ? thumb_file(thumbnails_, *room, thumb_every_ms_) : std::nullopt;
    return found ? std::move(*found) : problem(404, Errc::not_found);
}

net::Task<net::HttpResponse> Origin::answer(net::Shard& shard, const net::HttpRequest& request) {
    if (request.path.starts_with(thumb_prefix)) co_return answer_thumb(request.path);
    const auto target = parse_path(request.path);
    if (!target) co_return problem(404, Errc::not_found);
    const auto directives = hls::parse_playlist_request(request.query);
    if (!directives) co_return problem(400, Errc::invalid_input);
    static auto waiting = metrics::gauge("livefair_media_blocked_requests", "Playlist and part requests that wait");
    const auto deadline = std::chrono::steady_clock::now() + wait_max_;
    for (;;) {
        // The snapshot is let go before the wait: thousands of waiters must not keep old segments alive.
        if (const auto snapshot = publications_.find(target->room)) {
            if (auto response = try_answer(*snapshot, target->resource, *directives)) co_return std::move(*response);
        } else {
            co_return problem(404, Errc::not_found);
        }
        waiting.add(1);
        const auto woken = co_await parking_.wait(shard, target->room, deadline);
        waiting.add(-1);
        if (!woken) co_return problem(503, to_errc(woken.error()));
    }
}

std::optional<net::HttpResponse> Origin::try_answer(const hls::Snapshot& snapshot, const hls::Resource& resource,
                                                    const hls::PlaylistRequest& directives) const {
    using Kind = hls::Resource::Kind;
    if (resource.kind == Kind::index || resource.kind == Kind::live) {
        const bool is_live = resource.kind == Kind::live;
        switch (hls::judge_playlist(snapshot, is_live ? directives : hls::PlaylistRequest{}, timing_)) {
            case hls::Verdict::wait: return std::nullopt;
            case hls::Verdict::bad: return problem(400, Errc::invalid_input);
            case hls::Verdict::missing: return problem(404, Errc::not_found);
            case hls::Verdict::ready: break;
        }
        return file({is_live ? snapshot.media_playlist : snapshot.multivariant_playlist}, playlist_type, "public, max-age=1");
    }
    auto found = hls::find_resource(snapshot, resource);
    if (found.verdict == hls::Verdict::wait) return std::nullopt;
    if (found.verdict != hls::Verdict::ready) return problem(404, Errc::not_found);
    return file(std::move(found.bytes), "video/mp4", "public, max-age=86400, immutable");
}

}  // namespace livefair::origin
