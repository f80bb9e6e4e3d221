#include "auth/media_token.hpp"

#include <charconv>

#include "auth/hmac.hpp"
#include "auth/media_secret.hpp"
#include "auth/token.hpp"

namespace livefair::auth {
namespace {

/// "<expires_s>.<w|d>" and what stands after the next dot: its authentication code.
std::string sign(std::string_view secret, const RoomId& room, std::string_view claim) {
    const auto code = hmac_sha256(derive_key(secret, "media token"), room.str() + "/" + std::string(claim));
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const char byte : code) {
        hex += digits[static_cast<unsigned char>(byte) >> 4];
        hex += digits[static_cast<unsigned char>(byte) & 15];
    }
    return hex;
}

}  // namespace

std::string make_media_token(std::string_view secret, const RoomId& room, MediaScope scope, std::int64_t expires_s) {
    const auto claim = std::to_string(expires_s) + (scope == MediaScope::download ? ".d" : ".w");
    return claim + "." + sign(secret, room, claim);
}

Result<> check_media_token(std::string_view secret, std::string_view token, const RoomId& room, MediaScope scope, std::int64_t now_s) {
    constexpr std::size_t token_bytes_max = 128;
    const auto dot = token.rfind('.');
    if (token.size() > token_bytes_max || dot == std::string_view::npos) return make_error_code(Errc::forbidden);
    const auto claim = token.substr(0, dot);
    if (!equal_in_constant_time(token.substr(dot + 1), sign(secret, room, claim))) return make_error_code(Errc::forbidden);
    // Only we can have made what follows.
    std::int64_t expires_s = 0;
    std::from_chars(claim.data(), claim.data() + claim.size(), expires_s);
    if (scope == MediaScope::download && !claim.ends_with(".d")) return make_error_code(Errc::forbidden);
    if (expires_s <= now_s) return make_error_code(Errc::timed_out);
    return {};
}

}  // namespace livefair::auth
