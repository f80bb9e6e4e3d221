#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "auth/roles.hpp"
#include "gateway/chat_filter.hpp"
#include "gateway/session.hpp"

namespace livefair::v1 {
class ServerMessage;
}

namespace livefair::gateway {

/// What someone wants to say in a room.
struct Speech {
    std::string text;  ///< Cleaned, once it was not refused.
    std::int64_t chars_max;
    auth::Role role = auth::Role::viewer;
    Verdict verdict = Verdict::show;  ///< Not refuse, once it was not refused.
};

/// The answer that says why it may not be said; nothing when it may, as far as this gateway knows. The room's own rules are the desk's to apply.
net::Task<std::optional<v1::ServerMessage>> refused_speech(Session& session, RoomId room, Speech& speech);

/// To whoever acts in a room without being in it.
v1::ServerMessage join_first();

}  // namespace livefair::gateway
