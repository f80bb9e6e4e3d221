#include "gateway/speech.hpp"

#include <livefair/v1/socket.pb.h>

#include "auth/rate_limit.hpp"
#include "gateway/answers.hpp"
#include "gateway/chat_filter.hpp"
#include "gateway/chat_text.hpp"
#include "room/overload.hpp"

namespace livefair::gateway {
namespace {

v1::ServerMessage chat_shed() {
    return failure(Errc::overloaded, "现在人太多，聊天暂停，下单不受影响，请过一会儿再发言。",
                   "Too many people right now: chat is paused, buying is not. Write again in a while.");
}

std::optional<v1::ServerMessage> refused_text(const Result<std::string>& text, std::int64_t chars_max) {
    if (text) return std::nullopt;
    const auto most = std::to_string(chars_max);
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

}  // namespace

v1::ServerMessage join_first() {
    return failure(Errc::conflict, "请先进入直播间。", "Join the room first.");
}

net::Task<std::optional<v1::ServerMessage>> refused_speech(Session& session, RoomId room, Speech& speech) {
    const auto allowed = co_await session.check(auth::Action::say, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const auto* place = session.membership(room);
    if (place == nullptr) co_return join_first();
    speech.role = auth::role_in(session.identity(), room);
    if (speech.role == auth::Role::viewer && session.services().overload.load() != room::Load::normal) co_return chat_shed();
    auto cleaned = clean_chat_text(speech.text, speech.chars_max);
    if (auto refused = refused_text(cleaned, speech.chars_max)) co_return refused;
    if (auto refused = refused_speaker(session, place->room().state(), speech.role)) co_return refused;
    speech.text = std::move(*cleaned);
    speech.verdict = session.services().chat_filter.judge(speech.text);
    if (speech.verdict == Verdict::refuse) co_return refused_word();
    co_return std::nullopt;
}

}  // namespace livefair::gateway
