#include <string>

#include "auth/media_token.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::auth;

namespace {
const std::string secret(32, '\x5a');
const RoomId room("hunan");
constexpr std::int64_t now_s = 1'800'000'000;
}  // namespace

TEST_CASE("a media token opens its own room until it expires", "[media_token]") {
    const auto token = make_media_token(secret, room, MediaScope::watch, now_s + 600);
    CHECK(check_media_token(secret, token, room, MediaScope::watch, now_s));
    CHECK(check_media_token(secret, token, room, MediaScope::watch, now_s + 599));
    CHECK(check_media_token(secret, token, room, MediaScope::watch, now_s + 600).error() == make_error_code(Errc::timed_out));
    CHECK(check_media_token(secret, token, RoomId("hubei"), MediaScope::watch, now_s).error() == make_error_code(Errc::forbidden));
    CHECK_FALSE(check_media_token(std::string(32, '\x5b'), token, room, MediaScope::watch, now_s));
}

TEST_CASE("a token to watch does not download, and one to download also watches", "[media_token]") {
    const auto watch = make_media_token(secret, room, MediaScope::watch, now_s + 600);
    const auto download = make_media_token(secret, room, MediaScope::download, now_s + 600);
    CHECK_FALSE(check_media_token(secret, watch, room, MediaScope::download, now_s));
    CHECK(check_media_token(secret, download, room, MediaScope::download, now_s));
    CHECK(check_media_token(secret, download, room, MediaScope::watch, now_s));
}

TEST_CASE("a media token with any byte changed, added or cut opens nothing", "[media_token]") {
    const auto token = make_media_token(secret, room, MediaScope::watch, now_s + 600);
    for (std::size_t at = 0; at < token.size(); ++at) {
        auto changed = token;
        changed[at] = changed[at] == '1' ? '2' : '1';
        CHECK_FALSE(check_media_token(secret, changed, room, MediaScope::watch, now_s));
        CHECK_FALSE(check_media_token(secret, token.substr(0, at), room, MediaScope::watch, now_s));
    }
    CHECK_FALSE(check_media_token(secret, token + "0", room, MediaScope::watch, now_s));
    CHECK_FALSE(check_media_token(secret, std::string(1 << 20, '.'), room, MediaScope::watch, now_s));
}
