#include "gateway/handlers.hpp"

#include <livefair/v1/socket.pb.h>

#include <utility>

#include "gateway/answers.hpp"

namespace livefair::gateway {
namespace {

bool is_order(const v1::ClientMessage& message) { return message.has_place_order() || message.has_cancel_order(); }

/// What a gateway without a ledger does itself: rooms, chat, questions and likes.
bool needs_ledger(const v1::ClientMessage& message) {
    using Body = v1::ClientMessage;
    switch (message.body_case()) {
        case Body::kHello:
        case Body::kJoin:
        case Body::kLeave:
        case Body::kSay:
        case Body::kLike:
        case Body::kAsk:
        case Body::kVoteQuestion:
        case Body::kPing:
        case Body::BODY_NOT_SET: return false;
        default: return true;
    }
}

net::Task<v1::ServerMessage> carry_out_order(Session& session, v1::ClientMessage message) {
    if (session.services().ledger_side == nullptr) co_return co_await session.ask_ledger(std::move(message));
    if (message.has_place_order()) co_return co_await place_order(session, std::move(*message.mutable_place_order()));
    co_return co_await cancel_order(session, std::move(*message.mutable_cancel_order()));
}

net::Task<> run_order(std::shared_ptr<Session> session, v1::ClientMessage message) {
    const auto request_id = message.request_id();
    auto answer = co_await carry_out_order(*session, std::move(message));
    session->answer(std::move(answer), request_id);
    session->end_order();
}

/// Orders wait for the ledger; chat and other orders of the same connection go on meanwhile.
void start_order(const std::shared_ptr<Session>& session, v1::ClientMessage message, const net::asio::any_io_executor& executor) {
    if (session->begin_order()) return net::spawn(executor, run_order(session, std::move(message)), "order");
    session->answer(failure(Errc::too_many_requests, "您还有订单正在处理，请等结果后再下单。",
                            "Your earlier orders are still being decided; wait for their answers."),
                    message.request_id());
}

v1::ServerMessage pong(const v1::Ping& ping, std::int64_t now_ms) {
    v1::ServerMessage message;
    message.mutable_pong()->set_client_ms(ping.client_ms());
    message.mutable_pong()->set_server_ms(now_ms);
    return message;
}

}  // namespace

net::Task<> dispatch(std::shared_ptr<Session> session, v1::ClientMessage message) {
    using Body = v1::ClientMessage;
    const auto request_id = message.request_id();
    if (is_order(message)) {
        const auto executor = co_await net::asio::this_coro::executor;
        start_order(session, std::move(message), executor);
        co_return;
    }
    v1::ServerMessage answer;
    if (session->services().ledger_side == nullptr && needs_ledger(message)) {
        answer = co_await session->ask_ledger(std::move(message));
        session->answer(std::move(answer), request_id);
        co_return;
    }
    switch (message.body_case()) {
        case Body::kHello: answer = co_await hello(*session, std::move(*message.mutable_hello())); break;
        case Body::kJoin: {
            auto failed = co_await join(*session, std::move(*message.mutable_join()), request_id);
            if (!failed) co_return;
            answer = std::move(*failed);
            break;
        }
        case Body::kLeave: answer = leave(*session, message.leave()); break;
        case Body::kSay: answer = co_await say(*session, std::move(*message.mutable_say())); break;
        case Body::kAsk: answer = co_await ask(*session, std::move(*message.mutable_ask())); break;
        case Body::kVoteQuestion: answer = co_await vote_question(*session, std::move(*message.mutable_vote_question())); break;
        case Body::kCloseQuestion: answer = co_await close_question(*session, std::move(*message.mutable_close_question())); break;
        case Body::kLike: answer = like(*session, message.like()); break;
        case Body::kPin: answer = co_await pin(*session, std::move(*message.mutable_pin())); break;
        case Body::kStartSegment: answer = co_await start_segment(*session, std::move(*message.mutable_start_segment())); break;
        case Body::kDeleteChat: answer = co_await delete_chat(*session, std::move(*message.mutable_delete_chat())); break;
        case Body::kMute: answer = co_await mute(*session, std::move(*message.mutable_mute())); break;
        case Body::kBan: answer = co_await ban(*session, std::move(*message.mutable_ban())); break;
        case Body::kSetChatRules: answer = co_await set_chat_rules(*session, std::move(*message.mutable_set_chat_rules())); break;
        case Body::kReviewChat: answer = co_await review_chat(*session, std::move(*message.mutable_review_chat())); break;
        case Body::kOpenOffer: answer = co_await open_offer(*session, std::move(*message.mutable_open_offer())); break;
        case Body::kCloseOffer: answer = co_await close_offer(*session, std::move(*message.mutable_close_offer())); break;
        case Body::kWatchDashboard: answer = co_await watch_dashboard(*session); break;
        case Body::kPing: answer = pong(message.ping(), session->services().clock.unix_ms()); break;
        case Body::kPlaceOrder:
        case Body::kCancelOrder:  // above
        case Body::BODY_NOT_SET:
            answer = failure(Errc::unsupported, "此操作不受支持，请更新页面。", "This version does not know that message; reload the page.");
            break;
    }
    session->answer(std::move(answer), request_id);
}

}  // namespace livefair::gateway
