#include "room/question_desk.hpp"

#include <livefair/v1/room.pb.h>

#include "auth/token.hpp"
#include "room/room_function.hpp"

namespace livefair::room {
namespace {

using redis::Reply;
using Command = redis::Client::Command;

/// "FCALL", the function and its keys: meta, questions, texts, closed, voters.
Command begin(const std::string& function, const RoomId& room, const std::string& id) {
    return {"FCALL", function, "5", room_key(room, "meta"), room_key(room, "questions"), room_key(room, "question_texts"),
            room_key(room, "questions_closed"), room_key(room, "voters:" + id)};
}

Result<Asked> parse_asked(const Reply& reply) {
    using Outcome = Asked::Outcome;
    if (reply.items.size() != 2) return make_error_code(Errc::redis_error);
    const auto& outcome = reply.items[0].text;
    if (outcome == "asked") return Asked{Outcome::asked, 0};
    if (outcome == "voted") return Asked{Outcome::voted, 0};
    if (outcome == "again") return Asked{Outcome::again, 0};
    if (outcome == "gone") return Asked{Outcome::gone, 0};
    if (outcome == "closed") return Asked{Outcome::closed, static_cast<int>(reply.items[1].integer)};
    return make_error_code(Errc::redis_error);
}

}  // namespace

std::string QuestionDesk::id_of(const std::string& show, std::string_view folded) {
    return auth::hash_token(show + "\n" + std::string(folded)).substr(0, 16);
}

net::Task<Result<Reply>> QuestionDesk::call(Command command) {
    const auto function = command[1];
    auto reply = co_await redis_.call(std::move(command), deadline_);
    co_return checked(std::move(reply), function);
}

net::Task<Result<Asked>> QuestionDesk::ask(RoomId room, v1::Question question) {
    co_return co_await put(std::move(room), question.id(), question.SerializeAsString(), question.account_id());
}

net::Task<Result<Asked>> QuestionDesk::vote(RoomId room, std::string id, AccountId account) {
    co_return co_await put(std::move(room), std::move(id), std::string(), account.str());
}

net::Task<Result<Asked>> QuestionDesk::put(RoomId room, std::string id, std::string question, std::string account) {
    auto command = begin("room_ask_v1", room, id);
    command.insert(command.end(), {std::move(id), std::move(question), std::move(account)});
    const auto reply = co_await call(std::move(command));
    if (!reply) co_return reply.error();
    co_return parse_asked(*reply);
}

net::Task<Result<v1::Question>> QuestionDesk::find(RoomId room, std::string id) {
    const auto all = co_await board(std::move(room), open_max);
    if (!all) co_return all.error();
    for (const auto& question : all->questions())
        if (question.id() == id) co_return question;
    co_return make_error_code(Errc::not_found);
}

net::Task<Result<>> QuestionDesk::close(RoomId room, std::string id, int state) {
    auto command = begin("room_close_question_v1", room, id);
    command.insert(command.end(), {std::move(id), std::to_string(state)});
    const auto reply = co_await call(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->integer == 0) co_return make_error_code(Errc::not_found);
    co_return Result<>();
}

net::Task<Result<v1::QuestionBoard>> QuestionDesk::board(RoomId room, std::int64_t count) {
    Command command{"FCALL_RO", "room_questions_v1", "2", room_key(room, "questions"), room_key(room, "question_texts"), std::to_string(count)};
    const auto reply = co_await call(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->items.size() != 3) co_return make_error_code(Errc::redis_error);
    v1::QuestionBoard board;
    board.set_open(reply->items[0].integer);
    board.set_as_of_ms(reply->items[1].integer);
    const auto& found = reply->items[2].items;
    for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
        auto& question = *board.add_questions();
        if (!question.ParseFromString(found[i].text)) co_return make_error_code(Errc::redis_error);
        question.set_votes(found[i + 1].integer);
        question.set_state(v1::QUESTION_STATE_OPEN);
    }
    co_return board;
}

}  // namespace livefair::room
