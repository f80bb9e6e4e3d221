#include <livefair/v1/socket.pb.h>

#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"

namespace livefair::gateway {
namespace {

v1::ServerMessage welcome(const Session& session) {
    const auto& identity = session.identity();
    v1::ServerMessage message;
    auto& body = *message.mutable_welcome();
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

}  // namespace

net::Task<v1::ServerMessage> hello(Session& session, v1::Hello message) {
    if (!message.token().empty()) {
        const auto signed_in = co_await session.sign_in(message.token());
        if (!signed_in) co_return failure(to_errc(signed_in.error()));
    }
    auto answer = welcome(session);
    answer.mutable_welcome()->set_server_ms(session.services().clock.unix_ms());
    co_return answer;
}

net::Task<std::optional<v1::ServerMessage>> join(Session& session, v1::Join message, std::uint32_t request_id) {
    const auto room = RoomId::parse(message.room_id());
    if (!room) co_return failure(Errc::invalid_input);
    room::JoinRequest request{request_id, message.epoch(), message.seq()};
    const auto joined = co_await session.join(*room, std::move(request));
    if (joined) co_return std::nullopt;
    const auto code = to_errc(joined.error());
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
