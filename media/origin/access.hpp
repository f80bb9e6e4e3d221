#pragma once

#include <string>

#include "auth/rate_limit.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"
#include "net/http.hpp"
#include "origin/private_rooms.hpp"

namespace livefair::origin {

/// Who may load what of a room, for every path that begins with /hls/, /replay/ or /thumb/ and a room's id. A token stands as a
/// segment of its own after the room, "/hls/{room}/~{token}/live.m3u8", so that relative URIs inherit it. Private rooms need
/// one for everything; the MP4 of a whole recording needs one in every room. On any shard. Owned by Origin.
class Access {
public:
    /// `secret`: of auth/media_secret.hpp.
    Access(const Config& config, const Clock& clock, net::Shards& shards, std::string secret);
    void start() { private_rooms_.start(); }

    /// What a request has shown: `personal` answers are for no shared cache, as they depend on a token.
    struct Pass {
        bool personal = false;
    };
    /// Judges `request` and takes the token out of its path. Waits up to 2 s, at the program's start, to learn which rooms are
    /// private. Errors: Errc::unauthenticated (no token), timed_out (expired), forbidden (no good), too_many_requests (of bad tokens
    /// from this address), redis_unavailable (nobody knows whether the room is private).
    net::Task<Result<Pass>> check(net::HttpRequest& request);
    /// The answer to a request that check() refused.
    static net::HttpResponse refusal(Errc errc);
    /// Turns the Cache-Control of an answer into one that only the viewer's own player keeps; playlists are not kept at all.
    static void make_personal(net::HttpResponse& response);

private:
    Result<Pass> judge(const net::HttpRequest& request, const RoomId& room, std::string_view token, bool is_private);

    const Clock& clock_;
    const std::string secret_;
    const std::vector<std::string> trusted_;
    PrivateRooms private_rooms_;
    auth::KeyedLimiter bad_tokens_;
};

}  // namespace livefair::origin
