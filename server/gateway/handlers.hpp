#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "gateway/session.hpp"

namespace livefair::v1 {
class Ask;
class Ban;
class CancelOrder;
class ClientMessage;
class CloseOffer;
class CloseQuestion;
class DeleteChat;
class Hello;
class Join;
class Leave;
class Like;
class Mute;
class OpenOffer;
class Pin;
class PlaceOrder;
class ReviewChat;
class Say;
class ServerMessage;
class SetChatRules;
class StartSegment;
class VoteQuestion;
}  // namespace livefair::v1

/// What each kind of message does. Every handler returns the one answer; `session` outlives the call.
namespace livefair::gateway {

/// Hands a message to its handler and queues the answer. Orders run on their own; the next message does not wait for them.
net::Task<> dispatch(std::shared_ptr<Session> session, v1::ClientMessage message);

// membership.cpp
net::Task<v1::ServerMessage> hello(Session& session, v1::Hello message);
/// Who the session is, and what time it is here.
v1::ServerMessage welcome(const Session& session);
/// Nothing when the room has queued its snapshot, which is the answer.
net::Task<std::optional<v1::ServerMessage>> join(Session& session, v1::Join message, std::uint32_t request_id);
v1::ServerMessage leave(Session& session, const v1::Leave& message);
net::Task<v1::ServerMessage> watch_dashboard(Session& session);

// chat.cpp
net::Task<v1::ServerMessage> say(Session& session, v1::Say message);
v1::ServerMessage like(Session& session, const v1::Like& message);

// moderation.cpp
net::Task<v1::ServerMessage> delete_chat(Session& session, v1::DeleteChat message);
net::Task<v1::ServerMessage> mute(Session& session, v1::Mute message);
net::Task<v1::ServerMessage> ban(Session& session, v1::Ban message);
net::Task<v1::ServerMessage> set_chat_rules(Session& session, v1::SetChatRules message);
net::Task<v1::ServerMessage> review_chat(Session& session, v1::ReviewChat message);

// questions.cpp
net::Task<v1::ServerMessage> ask(Session& session, v1::Ask message);
net::Task<v1::ServerMessage> vote_question(Session& session, v1::VoteQuestion message);
net::Task<v1::ServerMessage> close_question(Session& session, v1::CloseQuestion message);

// pins.cpp
net::Task<v1::ServerMessage> pin(Session& session, v1::Pin message);
net::Task<v1::ServerMessage> start_segment(Session& session, v1::StartSegment message);

// orders.cpp
net::Task<v1::ServerMessage> place_order(Session& session, v1::PlaceOrder message);
net::Task<v1::ServerMessage> cancel_order(Session& session, v1::CancelOrder message);

// offers.cpp
net::Task<v1::ServerMessage> open_offer(Session& session, v1::OpenOffer message);
net::Task<v1::ServerMessage> close_offer(Session& session, v1::CloseOffer message);

}  // namespace livefair::gateway
