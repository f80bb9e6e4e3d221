#include <livefair/v1/socket.pb.h>

#include <algorithm>

#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"
#include "room/chat_desk.hpp"
#include "room/hub.hpp"
#include "room/overload.hpp"

namespace livefair::gateway {
namespace {

/// Tells someone who may moderate and has just joined which lines wait, the newest ones as far as a quarter of the outbox holds them. A line
/// that was held in this moment comes twice.
net::Task<> push_waiting_lines(Session& session, RoomId room) {
    const auto waiting = co_await session.services().chat_desk.waiting(room);
    const auto* place = session.membership(room);
    // Without an answer the lines are missing until the next join; the room works.
    if (!waiting || waiting->empty() || place == nullptr) co_return;
    const auto bytes_max = session.services().config.limits.outbox_bytes_max / 4;
    v1::ServerMessage message;
    auto& events = *message.mutable_events();
    std::int64_t bytes = 0;
    for (const auto& event : *waiting) {
        bytes += static_cast<std::int64_t>(event.ByteSizeLong());
        if (bytes > bytes_max) break;
        *events.add_events()->mutable_event() = event;
    }
    std::reverse(events.mutable_events()->begin(), events.mutable_events()->end());
    events.set_room_id(room.str());
    events.set_epoch(place->room().state().epoch());
    session.push(room::to_frame(room::encode(message, session.format()), session.format()));
}

}  // namespace

v1::ServerMessage welcome(const Session& session) {
    const auto& identity = session.identity();
    v1::ServerMessage message;
    auto& body = *message.mutable_welcome();
    body.set_server_ms(session.services().clock.unix_ms());
    if (!identity.is_guest()) {
        auto& account = *body.mutable_account();
        account.set_id(identity.account.str());
        account.set_nickname(identity.nickname);
        for (const auto& held : identity.grants) {
            auto& grant = *account.add_grants();
            grant.set_role(static_cast<v1::Role>(held.role));
            grant.set_room_id(held.room_id);
        }
    }
    return message;
}

net::Task<v1::ServerMessage> hello(Session& session, v1::Hello message) {
    if (!message.token().empty()) {
        const auto signed_in = co_await session.sign_in(message.token());
        if (!signed_in) co_return failure(to_errc(signed_in.error()));
    }
    co_return welcome(session);
}

net::Task<std::optional<v1::ServerMessage>> join(Session& session, v1::Join message, std::uint32_t request_id) {
    const auto room = RoomId::parse(message.room_id());
    if (!room) co_return failure(Errc::invalid_input);
    const bool is_staff = auth::role_in(session.identity(), *room) != auth::Role::viewer;
    if (!is_staff && session.membership(*room) == nullptr && session.services().overload.load() >= room::Load::shed_joins)
        co_return failure(Errc::overloaded);
    const bool is_new = message.epoch().empty() && session.membership(*room) == nullptr;
    room::JoinRequest request{request_id, message.epoch(), message.seq(), session.identity().account.str()};
    if (!is_staff) request.device = auth::device_text(session.device());
    const auto joined = co_await session.join(*room, std::move(request));
    if (joined) {
        if (is_new) session.services().hub.count_view(*room, session.person());
        if (auth::may(session.identity(), auth::Action::moderate, *room)) co_await push_waiting_lines(session, *room);
        co_return std::nullopt;
    }
    const auto code = to_errc(joined.error());
    if (code == Errc::forbidden) co_return banned();
    if (code == Errc::not_found) co_return failure(code, "没有这个直播间，请检查地址。", "There is no such room; check the address.");
    co_return failure(code);
}

v1::ServerMessage leave(Session& session, const v1::Leave& message) {
    session.leave(RoomId(message.room_id()));
    return done();
}

net::Task<v1::ServerMessage> watch_dashboard(Session& session) {
    const RoomId site;
    const auto allowed = co_await session.check(auth::Action::manage_site, site);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    session.watch_dashboard();
    co_return done();
}

}  // namespace livefair::gateway
