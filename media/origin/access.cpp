#include "origin/access.hpp"

#include <algorithm>
#include <optional>

#include "auth/media_token.hpp"
#include "base/metrics.hpp"
#include "origin/answer.hpp"

namespace livefair::origin {
namespace {

constexpr std::chrono::milliseconds look_again{20};
constexpr int looks_max = 100;

/// Where the room's id, and after it perhaps "~{token}", stand in a path.
struct Place {
    RoomId room;
    std::size_t token_at = std::string::npos;  // of '~'
    std::size_t token_size = 0;                // with '~' and the slash after it
};

std::optional<Place> find_place(std::string_view path) {
    for (const std::string_view prefix : {"/hls/", "/replay/", "/thumb/"}) {
        if (!path.starts_with(prefix)) continue;
        const auto slash = path.find('/', prefix.size());
        auto room = RoomId::parse(path.substr(prefix.size(), slash == path.npos ? path.npos : slash - prefix.size()));
        if (!room) return std::nullopt;
        Place place{std::move(*room)};
        if (slash != path.npos && slash + 1 < path.size() && path[slash + 1] == '~') {
            const auto end = path.find('/', slash + 1);
            place.token_at = slash + 1;
            place.token_size = (end == path.npos ? path.size() : end + 1) - place.token_at;
        }
        return place;
    }
    return std::nullopt;
}

bool is_download(std::string_view path) { return path.starts_with("/replay/") && path.ends_with("/download.mp4"); }

}  // namespace

Access::Access(const Config& config, const Clock& clock, net::Shards& shards, std::string secret)
    : clock_(clock),
      secret_(std::move(secret)),
      trusted_(config.limits.trusted_addresses),
      private_rooms_(config, shards),
      bad_tokens_(clock, {static_cast<double>(config.media.bad_keys_per_minute) / 60, static_cast<double>(config.media.bad_keys_per_minute)}) {}

net::Task<Result<Access::Pass>> Access::check(net::HttpRequest& request) {
    const auto place = find_place(request.path);
    if (!place) co_return Pass();  // nothing of a room: a 404 soon
    std::string token;
    if (place->token_at != std::string::npos) {
        token = request.path.substr(place->token_at + 1, place->token_size - 1);
        if (token.ends_with('/')) token.pop_back();
        request.path.erase(place->token_at, place->token_size);
    }
    auto is_private = private_rooms_.is_private(place->room);
    for (int looks = 0; !is_private && looks < looks_max; ++looks) {
        co_await net::sleep_for(look_again);
        is_private = private_rooms_.is_private(place->room);
    }
    if (!is_private) co_return make_error_code(Errc::redis_unavailable);
    auto pass = judge(request, place->room, token, *is_private);
    if (!pass) {
        const std::string why(to_string(to_errc(pass.error())));
        metrics::counter("livefair_media_refused_total", "Requests without a good media token, by reason", {{"why", why}}).add();
    }
    co_return pass;
}

/// A token of a public room is let pass unread: its players must not stop when the room is opened to all.
Result<Access::Pass> Access::judge(const net::HttpRequest& request, const RoomId& room, std::string_view token, bool is_private) {
    const bool downloads = is_download(request.path);
    if (!is_private && !downloads) return Pass{!token.empty()};
    if (token.empty()) return make_error_code(Errc::unauthenticated);
    const bool trusted = std::find(trusted_.begin(), trusted_.end(), request.address) != trusted_.end();
    if (!trusted && !bad_tokens_.has_token(request.address)) return make_error_code(Errc::too_many_requests);
    const auto scope = downloads ? auth::MediaScope::download : auth::MediaScope::watch;
    const auto good = auth::check_media_token(secret_, token, room, scope, clock_.unix_ms() / 1000);
    if (good) return Pass{true};
    if (good.error() == Errc::forbidden && !trusted) static_cast<void>(bad_tokens_.allow(request.address));
    return good.error();
}

net::HttpResponse Access::refusal(Errc errc) {
    switch (errc) {
        case Errc::unauthenticated:
            return problem(401, errc, {"需要观看凭证，请从直播间页面打开。", "This needs a token; open it from the room's page."});
        case Errc::timed_out:
            return problem(401, errc, {"观看凭证已过期，请刷新页面。", "The token has expired; reload the page."});
        case Errc::forbidden:
            return problem(403, errc, {"观看凭证无效，请从直播间页面重新打开。", "The token is not valid here; open the room's page again."});
        case Errc::too_many_requests: return problem(429, errc);
        default:
            return problem(503, errc, {"暂时无法确认直播间是否公开，请稍后再试。", "It can't be checked now whether this room is public; try again soon."});
    }
}

void Access::make_personal(net::HttpResponse& response) {
    const bool is_playlist = response.content_type.find("mpegurl") != std::string::npos || response.content_type == "application/json";
    for (auto& [name, value] : response.headers)
        if (name == "Cache-Control") value = is_playlist ? "private, no-store" : value.starts_with("public") ? "private" + value.substr(6) : value;
}

}  // namespace livefair::origin
