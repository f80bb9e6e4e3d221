#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::auth {

/// What a media token lets its bearer do in one room. `download` includes `watch`.
enum class MediaScope { watch, download };

/// A short-lived proof that livefair-media can check without asking anyone: "<expires_s>.<w|d>.<64 hex characters>", fit for one
/// segment of a path. `secret`: the 32 bytes that server and media share. `expires_s`: Unix seconds.
std::string make_media_token(std::string_view secret, const RoomId& room, MediaScope scope, std::int64_t expires_s);

/// Whether `token` was made with `secret` for this room, reaches `scope` and has not expired at `now_s`.
/// Errors: Errc::forbidden (not ours, of another room, too narrow), timed_out (expired: get a new one).
Result<> check_media_token(std::string_view secret, std::string_view token, const RoomId& room, MediaScope scope, std::int64_t now_s);

}  // namespace livefair::auth
