#include <livefair/v1/socket.pb.h>

#include <algorithm>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "gateway/answers.hpp"
#include "gateway/chat_text.hpp"
#include "gateway/handlers.hpp"
#include "room/bus.hpp"
#include "room/hub.hpp"

namespace livefair::gateway {
namespace {

/// Taps that one Like message may stand for; a page sends them in bundles.
constexpr std::int32_t likes_per_message_max = 50;

metrics::Counter& chat_counter() {
    static auto counter = metrics::counter("livefair_chat_lines_total", "Chat lines taken from clients.");
    return counter;
}

v1::ServerMessage join_first() {
    return failure(Errc::conflict, "请先进入直播间。", "Join the room first.");
}

/// Nothing when the line may be said.
std::optional<v1::ServerMessage> refusal(Session& session, const room::Membership& place, const Result<std::string>& text, auth::Role role) {
    const auto& services = session.services();
    const auto& config = services.config.room;
    if (!text && to_errc(text.error()) == Errc::too_large)
        return failure(Errc::too_large, "留言最多" + std::to_string(config.chat_chars_max) + "个字，请缩短。",
                       "A line has at most " + std::to_string(config.chat_chars_max) + " characters; make it shorter.");
    if (!text) return failure(Errc::invalid_input, "留言没有可显示的文字。", "The line has nothing that can be shown.");
    if (place.room().state().muted_until_ms(session.identity().account.str()) > services.clock.unix_ms())
        return failure(Errc::forbidden, "您已被禁言，请稍后再发言。", "You are muted in this room; you may write again later.");
    if (has_banned_word(*text, config.banned_words))
        return failure(Errc::invalid_input, "留言包含不允许的词，请修改。", "The line has a word that is not allowed; change it.");
    // Staff answer many questions in a row; the limit per connection still holds for them.
    if (role == auth::Role::viewer && !session.is_trusted() && !services.chat.allow(session.identity().account.str()))
        return failure(Errc::too_many_requests, "发言太快，请稍等几秒。", "You write too fast; wait some seconds.");
    return std::nullopt;
}

}  // namespace

net::Task<v1::ServerMessage> say(Session& session, v1::Say message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::say, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const auto* place = session.membership(room);
    if (place == nullptr) co_return join_first();
    const auto role = auth::role_in(session.identity(), room);
    auto text = clean_chat_text(message.text(), session.services().config.room.chat_chars_max);
    if (auto refused = refusal(session, *place, text, role)) co_return std::move(*refused);

    v1::RoomEvent event;
    auto& line = *event.mutable_chat();
    line.set_id(random_hex(8));
    line.set_account_id(session.identity().account.str());
    line.set_nickname(session.identity().nickname);
    line.set_role(static_cast<v1::Role>(role));
    line.set_text(std::move(*text));
    const auto published = co_await session.services().bus.publish(room, std::move(event));
    if (!published) co_return failure(to_errc(published.error()));
    session.services().hub.count_chat(room);
    chat_counter().add();
    co_return done();
}

v1::ServerMessage like(Session& session, const v1::Like& message) {
    const RoomId room(message.room_id());
    if (session.membership(room) == nullptr) return join_first();
    session.services().hub.count_like(room, std::clamp<std::int32_t>(message.count(), 1, likes_per_message_max));
    return done();
}

}  // namespace livefair::gateway
