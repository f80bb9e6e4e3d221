#include <livefair/v1/socket.pb.h>

#include <algorithm>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "gateway/answers.hpp"
#include "gateway/chat_filter.hpp"
#include "gateway/chat_text.hpp"
#include "gateway/handlers.hpp"
#include "room/chat_desk.hpp"
#include "room/hub.hpp"
#include "room/overload.hpp"

namespace livefair::gateway {
namespace {

/// Taps that one Like message may stand for; a page sends them in bundles.
constexpr std::int32_t likes_per_message_max = 50;

metrics::Counter& chat_counter() {
    static auto counter = metrics::counter("livefair_chat_lines_total", "Chat lines that were shown at once.");
    return counter;
}

metrics::Counter& sampled_counter() {
    static auto counter = metrics::counter("livefair_chat_lines_sampled_total", "Chat lines that only their authors saw, as the room had too many.");
    return counter;
}

/// Shows the author a line that nobody else sees.
void echo(Session& session, const room::LiveRoom& room, v1::ChatLine line) {
    v1::ServerMessage message;
    auto& events = *message.mutable_events();
    events.set_room_id(room.id().str());
    events.set_epoch(room.state().epoch());
    auto& event = *events.add_events()->mutable_event();
    event.set_at_ms(session.services().clock.unix_ms());
    *event.mutable_chat() = std::move(line);
    session.push(room::to_frame(room::encode(message, session.format()), session.format()));
}

v1::ServerMessage join_first() {
    return failure(Errc::conflict, "请先进入直播间。", "Join the room first.");
}

v1::ServerMessage chat_shed() {
    return failure(Errc::overloaded, "现在人太多，聊天暂停，下单不受影响，请过一会儿再发言。",
                   "Too many people right now: chat is paused, buying is not. Write again in a while.");
}

std::optional<v1::ServerMessage> refused_text(const Session& session, const Result<std::string>& text) {
    if (text) return std::nullopt;
    const auto most = std::to_string(session.services().config.room.chat_chars_max);
    if (to_errc(text.error()) == Errc::too_large)
        return failure(Errc::too_large, "留言最多" + most + "个字，请缩短。", "A line has at most " + most + " characters; make it shorter.");
    return failure(Errc::invalid_input, "留言没有可显示的文字。", "The line has nothing that can be shown.");
}

/// Nothing when the account may speak, as far as this gateway knows; the room's rules are the desk's to apply.
std::optional<v1::ServerMessage> refused_speaker(const Session& session, const room::RoomState& room, auth::Role role) {
    const auto& services = session.services();
    const auto& account = session.identity().account.str();
    const auto now_ms = services.clock.unix_ms();
    if (room.banned_until_ms(account) > now_ms) return banned();
    if (room.muted_until_ms(account) > now_ms)
        return failure(Errc::forbidden, "您已被禁言，请稍后再发言。", "You are muted in this room; you may write again later.");
    // Staff answer many questions in a row; the limit per connection still holds for them.
    if (role == auth::Role::viewer && !session.is_trusted() && !services.chat.allow(account))
        return failure(Errc::too_many_requests, "发言太快，请稍等几秒。", "You write too fast; wait some seconds.");
    return std::nullopt;
}

v1::ServerMessage refused_word() {
    return failure(Errc::invalid_input, "留言包含不允许的词，请修改。", "The line has a word that is not allowed; change it.");
}

v1::ServerMessage answer_to(const room::Said& said) {
    const auto seconds = std::to_string((said.wait_ms + 999) / 1000);
    switch (said.outcome) {
        case room::Said::Outcome::shown: return done();
        case room::Said::Outcome::held:
            return done("held", "留言已提交审核，通过后大家就能看到，请勿重复发送。",
                        "Your line is held for review and is shown once approved; no need to send it again.");
        case room::Said::Outcome::sampled:
            return done("sampled", "留言太多，这条只有您自己能看到；想让主播看到，请稍后再发。",
                        "Too many lines at once: only you see this one. To reach the host, write again in a moment.");
        case room::Said::Outcome::muted:
            return failure(Errc::forbidden, "直播间已开启全员禁言，请等主播解除后再发言。",
                           "Only staff may write in this room now; wait until the host opens the chat again.");
        case room::Said::Outcome::too_soon:
            return failure(Errc::too_many_requests, "直播间已开启慢速模式，请 " + seconds + " 秒后再发言。", "The room is in slow mode; write again in " + seconds + " s.");
    }
    return failure(Errc::internal);
}

}  // namespace

net::Task<v1::ServerMessage> say(Session& session, v1::Say message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::say, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const auto* place = session.membership(room);
    if (place == nullptr) co_return join_first();
    const auto role = auth::role_in(session.identity(), room);
    if (role == auth::Role::viewer && session.services().overload.load() != room::Load::normal) co_return chat_shed();
    auto text = clean_chat_text(message.text(), session.services().config.room.chat_chars_max);
    if (auto refused = refused_text(session, text)) co_return std::move(*refused);
    if (auto refused = refused_speaker(session, place->room().state(), role)) co_return std::move(*refused);
    const auto verdict = session.services().chat_filter.judge(*text);
    if (verdict == Verdict::refuse) co_return refused_word();

    v1::ChatLine line;
    line.set_id(random_hex(8));
    line.set_account_id(session.identity().account.str());
    line.set_nickname(session.identity().nickname);
    line.set_role(static_cast<v1::Role>(role));
    line.set_text(std::move(*text));
    const int hold_reason = role == auth::Role::viewer ? static_cast<int>(verdict) : 0;
    const auto said = co_await session.services().chat_desk.say(room, line, hold_reason);
    if (!said) co_return failure(to_errc(said.error()));
    if (said->outcome == room::Said::Outcome::shown) {
        session.services().hub.count_chat(room);
        chat_counter().add();
    }
    if (said->outcome == room::Said::Outcome::sampled) {
        sampled_counter().add();
        // The room may have been left meanwhile.
        if (const auto* still = session.membership(room)) echo(session, still->room(), std::move(line));
    }
    co_return answer_to(*said);
}

v1::ServerMessage like(Session& session, const v1::Like& message) {
    const RoomId room(message.room_id());
    if (session.membership(room) == nullptr) return join_first();
    session.services().hub.count_like(room, std::clamp<std::int32_t>(message.count(), 1, likes_per_message_max));
    return done();
}

}  // namespace livefair::gateway
