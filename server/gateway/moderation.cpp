#include <livefair/v1/socket.pb.h>

#include "base/log.hpp"
#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"
#include "room/bus.hpp"

namespace livefair::gateway {
namespace {

constexpr std::int64_t mute_ms_max = 30LL * 24 * 3600 * 1000;

net::Task<v1::ServerMessage> publish(Session& session, RoomId room, v1::RoomEvent event) {
    const auto published = co_await session.services().bus.publish(std::move(room), std::move(event));
    if (!published) co_return failure(to_errc(published.error()));
    co_return done();
}

}  // namespace

net::Task<v1::ServerMessage> delete_chat(Session& session, v1::DeleteChat message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::moderate, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    if (!is_id_text(message.chat_id()) || !is_id_text(room.str())) co_return failure(Errc::invalid_input);
    v1::RoomEvent event;
    event.mutable_chat_deleted()->set_chat_id(message.chat_id());
    event.mutable_chat_deleted()->set_by(session.identity().account.str());
    log::info("chat_deleted", {{"room", room.str()}, {"chat", message.chat_id()}, {"by", session.identity().account.str()}});
    co_return co_await publish(session, room, std::move(event));
}

net::Task<v1::ServerMessage> mute(Session& session, v1::Mute message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::moderate, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const bool lawful = message.duration_ms() >= 0 && message.duration_ms() <= mute_ms_max;
    if (!lawful || !is_id_text(message.account_id()) || !is_id_text(room.str())) co_return failure(Errc::invalid_input);
    const auto now_ms = co_await session.services().bus.now_ms();
    if (!now_ms) co_return failure(to_errc(now_ms.error()));
    v1::RoomEvent event;
    event.mutable_mute()->set_account_id(message.account_id());
    event.mutable_mute()->set_until_ms(message.duration_ms() == 0 ? 0 : *now_ms + message.duration_ms());
    log::info("account_muted", {{"room", room.str()}, {"account", message.account_id()}, {"for_ms", message.duration_ms()},
                                {"by", session.identity().account.str()}});
    co_return co_await publish(session, room, std::move(event));
}

}  // namespace livefair::gateway
