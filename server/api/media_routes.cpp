#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/room.pb.h>

#include "api/creation.hpp"
#include "api/private_rooms.hpp"
#include "auth/media_token.hpp"
#include "auth/rate_limit.hpp"
#include "ledger/catalog.hpp"
#include "room/players.hpp"

namespace livefair::api {
namespace {

/// The scope that ?scope= names; watch when it names none.
std::optional<auth::MediaScope> scope_of(const net::HttpRequest& request) {
    const auto found = request.query.find("scope");
    if (found == request.query.end() || found->second == "watch") return auth::MediaScope::watch;
    if (found->second == "download") return auth::MediaScope::download;
    return std::nullopt;
}

}  // namespace

net::Task<net::HttpResponse> make_media_token(Services& services, Call call) {
    const auto scope = scope_of(call.request);
    if (!scope) co_return refuse(bad_field("scope", "只能是 watch 或 download", "must be watch or download"));
    const bool is_download = *scope == auth::MediaScope::download;
    if (is_download && !auth::may(call.who, auth::Action::download, call.room)) co_return refuse(Errc::forbidden);
    if (!services.media_tokens.allow(call.who.account.str())) co_return refuse(Errc::too_many_requests);
    auto find = [room = call.room](ledger::Database& db) { return ledger::show_of_room(db, room); };
    const Result<ShowId> show = co_await services.ledger.read(std::move(find));
    if (!show) co_return refuse(show.error());
    const auto& media = services.config.media;
    const auto expires_s = services.clock.unix_ms() / 1000 + (is_download ? media.download_token_s : media.watch_token_s);
    v1::MediaTokenResponse response;
    response.set_token(auth::make_media_token(services.media_secret, call.room, *scope, expires_s));
    response.set_expires_ms(expires_s * 1000);
    co_return answer(response);
}

net::Task<net::HttpResponse> set_show_access(Services& services, Call call) {
    v1::SetShowAccessRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    const ShowId id(call.parameters[0]);
    auto write = [id, is_private = body.is_private()](ledger::Database& db) { return ledger::set_show_private(db, id, is_private); };
    const Result<> written = co_await services.ledger.write(std::move(write));
    if (!written) co_return refuse(written.error());
    const Result<> mirrored = co_await services.private_rooms.mirror(call.room);
    co_return mirrored ? empty_answer() : refuse(mirrored.error());
}

net::Task<net::HttpResponse> take_playing(Services& services, Call call) {
    v1::Playing body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    const auto room = RoomId::parse(call.parameters[0]);
    if (!room) co_return refuse(Errc::not_found);
    if (!is_id_text(body.player()) || body.player().size() < 16)
        co_return refuse(bad_field("player", "须为 16 到 64 个字母、数字、“-”、“_”", "must be 16 to 64 letters, digits, dashes or underscores"));
    // Only rooms that exist: each name would make a key in Redis.
    auto find = [room = *room](ledger::Database& db) { return ledger::show_of_room(db, room); };
    const Result<ShowId> show = co_await services.ledger.read(std::move(find));
    if (!show) co_return refuse(show.error());
    Result<> taken;
    if (body.left())
        taken = co_await services.players.has_left(*room, body.player());
    else
        taken = co_await services.players.is_playing(*room, body.player());
    co_return taken ? empty_answer() : refuse(taken.error());
}

}  // namespace livefair::api
