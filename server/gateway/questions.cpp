#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/socket.pb.h>

#include <algorithm>

#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"
#include "gateway/media_time.hpp"
#include "gateway/speech.hpp"
#include "ledger/ledger.hpp"
#include "ledger/questions.hpp"
#include "room/question_desk.hpp"
#include "text/fold.hpp"

namespace livefair::gateway {
namespace {

constexpr std::int64_t question_chars_max = 100;

v1::ServerMessage closed_already(int state) {
    switch (state) {
        case v1::QUESTION_STATE_ANSWERED:
            return done("answered", "主播刚刚回答过这个问题，可在回放中查看。", "The host has just answered this; see the replay.");
        case v1::QUESTION_STATE_LATER:
            return done("later", "这个问题已留到直播结束后回答。", "This question is left for after the show.");
        default: return failure(Errc::forbidden, "这个问题已被移除。", "This question was taken away.");
    }
}

v1::ServerMessage answer_to(const Result<room::Asked>& asked) {
    using Outcome = room::Asked::Outcome;
    if (!asked && to_errc(asked.error()) == Errc::too_large)
        return failure(Errc::too_large, "等待回答的问题太多，请稍后再提，或给已有的问题投票。", "Too many questions are open; ask later, or vote for one that is there.");
    if (!asked) return failure(to_errc(asked.error()));
    switch (asked->outcome) {
        case Outcome::asked: return done();
        case Outcome::voted: return done("voted", "有人问过同样的问题，已为它加上您的一票。", "Somebody has asked the same; it has your vote now.");
        case Outcome::again: return done("voted", "您已问过这个问题或为它投过票。", "You have asked this, or voted for it, before.");
        case Outcome::gone: return failure(Errc::not_found, "这个问题已不在等待回答。", "This question is not open any more.");
        case Outcome::closed: return closed_already(asked->state);
    }
    return failure(Errc::internal);
}

/// Keeps it in the ledger, then takes it off the board: what fails in between is on both, and the same act again mends that.
net::Task<Result<>> close_and_keep(Session& session, RoomId room, v1::Question question) {
    auto keep = [question, by = session.identity().account, now_ms = session.services().clock.unix_ms()](ledger::Database& db) {
        return ledger::add_question(db, question, by, now_ms);
    };
    const auto kept = co_await session.services().ledger_side->ledger.write(std::move(keep));
    if (!kept) co_return kept.error();
    co_return co_await session.services().question_desk.close(room, question.id(), question.state());
}

}  // namespace

net::Task<v1::ServerMessage> ask(Session& session, v1::Ask message) {
    const RoomId room(message.room_id());
    Speech speech{message.text(), question_chars_max};
    if (auto refused = co_await refused_speech(session, room, speech)) co_return std::move(*refused);
    if (speech.role == auth::Role::viewer && speech.verdict != Verdict::show)
        co_return failure(Errc::invalid_input, "问题里不能有网址、联系方式或敏感词，请修改。", "A question may have no web address, contact or flagged word; change it.");
    const auto folded = text::squeeze(text::fold(speech.text));
    if (folded.empty()) co_return failure(Errc::invalid_input, "请写出您的问题。", "Write your question in words.");
    v1::Question question;
    // The membership may have ended meanwhile.
    const auto* place = session.membership(room);
    if (place == nullptr) co_return join_first();
    const auto& show = place->room().state().show();
    if (show.state() == v1::SHOW_STATE_ENDED)
        co_return failure(Errc::conflict, "直播已结束，不能再提问；如需帮助请联系商家。", "The show is over; ask the seller instead.");
    question.set_show_id(show.id());
    question.set_id(room::QuestionDesk::id_of(question.show_id(), folded));
    question.set_text(std::move(speech.text));
    question.set_asked_ms(session.services().clock.unix_ms());
    question.set_account_id(session.identity().account.str());
    question.set_nickname(session.identity().nickname);
    const auto asked = co_await session.services().question_desk.ask(room, std::move(question));
    co_return answer_to(asked);
}

net::Task<v1::ServerMessage> vote_question(Session& session, v1::VoteQuestion message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::say, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    if (session.membership(room) == nullptr) co_return join_first();
    if (!is_id_text(message.question_id())) co_return failure(Errc::invalid_input);
    const auto voted = co_await session.services().question_desk.vote(room, message.question_id(), session.identity().account);
    if (voted && voted->outcome == room::Asked::Outcome::voted) co_return done();
    co_return answer_to(voted);
}

net::Task<v1::ServerMessage> close_question(Session& session, v1::CloseQuestion message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::moderate, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const auto state = message.state();
    if (state != v1::QUESTION_STATE_ANSWERED && state != v1::QUESTION_STATE_LATER && state != v1::QUESTION_STATE_REMOVED)
        co_return failure(Errc::invalid_input);
    auto question = co_await session.services().question_desk.find(room, message.question_id());
    if (question && state == v1::QUESTION_STATE_ANSWERED) {
        const auto at_ms = co_await media_time(session, message.media_time_ms());
        if (!at_ms) co_return failure(to_errc(at_ms.error()));
        question->set_media_time_ms(*at_ms);
    }
    Result<> closed = question ? Result<>() : Result<>(question.error());
    if (question) {
        question->set_state(state);
        closed = co_await close_and_keep(session, room, std::move(*question));
    }
    if (closed) co_return done();
    if (to_errc(closed.error()) == Errc::not_found)
        co_return failure(Errc::not_found, "这个问题已被处理。", "This question has been dealt with already.");
    co_return failure(to_errc(closed.error()));
}

}  // namespace livefair::gateway
