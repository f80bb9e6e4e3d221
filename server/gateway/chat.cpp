#include <livefair/v1/socket.pb.h>

#include <algorithm>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"
#include "gateway/speech.hpp"
#include "room/chat_desk.hpp"
#include "room/hub.hpp"

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
    Speech speech{message.text(), session.services().config.room.chat_chars_max};
    if (auto refused = co_await refused_speech(session, room, speech)) co_return std::move(*refused);

    v1::ChatLine line;
    line.set_id(random_hex(8));
    line.set_account_id(session.identity().account.str());
    line.set_nickname(session.identity().nickname);
    line.set_role(static_cast<v1::Role>(speech.role));
    line.set_text(std::move(speech.text));
    const int hold_reason = speech.role == auth::Role::viewer ? static_cast<int>(speech.verdict) : 0;
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
