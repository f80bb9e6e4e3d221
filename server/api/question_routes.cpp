#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/room.pb.h>

#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/problem.hpp"
#include "api/questions.hpp"
#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "ledger/questions.hpp"
#include "room/question_desk.hpp"

namespace livefair::api {

net::Task<net::HttpResponse> list_questions(Services& services, Call call) {
    const auto id = ShowId::parse(call.parameters[0]);
    if (!id) co_return refuse(Errc::not_found);
    auto find = [id = *id](ledger::Database& db) { return ledger::find_show(db, id); };
    const Result<v1::Show> show = co_await services.ledger.read(std::move(find));
    if (!show) co_return refuse(show.error());
    if (show->is_private() && !auth::may(call.who, auth::Action::watch_private, RoomId(show->room_id()))) co_return refuse(Errc::not_found);
    auto list = [id = *id](ledger::Database& db) { return ledger::list_questions(db, id); };
    const Result<v1::ListQuestionsResponse> questions = co_await services.ledger.read(std::move(list));
    co_return questions ? answer(*questions) : refuse(questions.error());
}

net::Task<Result<>> leave_open_questions(Services& services, RoomId room, AccountId by) {
    const Result<v1::QuestionBoard> board = co_await services.questions.board(room, room::QuestionDesk::open_max);
    if (!board) co_return board.error();
    for (auto question : board->questions()) {
        question.set_state(v1::QUESTION_STATE_LATER);
        auto keep = [question, by, now_ms = services.clock.unix_ms()](ledger::Database& db) { return ledger::add_question(db, question, by, now_ms); };
        const Result<> kept = co_await services.ledger.write(std::move(keep));
        if (!kept) co_return kept.error();
        const Result<> closed = co_await services.questions.close(room, question.id(), question.state());
        // Someone else may have closed it in this moment.
        if (!closed && to_errc(closed.error()) != Errc::not_found) co_return closed.error();
    }
    co_return Result<>();
}

}  // namespace livefair::api
