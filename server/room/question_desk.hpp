#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "net/task.hpp"
#include "redis/client.hpp"

namespace livefair::v1 {
class Question;
class QuestionBoard;
}  // namespace livefair::v1

namespace livefair::room {

/// What became of a question that was asked, or of a vote.
struct Asked {
    enum class Outcome {
        asked,
        voted,   ///< It is open already and has one vote more.
        again,   ///< Who asks had asked it, or voted for it, before.
        gone,    ///< A vote for a question that is not open.
        closed,  ///< It was closed some minutes ago; see `state`.
    };
    Outcome outcome = Outcome::asked;
    int state = 0;  ///< v1::QuestionState.
};

/// Viewers' questions in Redis, so that equal ones are one question over all gateways. One per shard, on the shard's client. A room has at most 200
/// open questions, each with at most 100,000 votes, for a week.
/// Errors of every call: those of redis::Client; after redis_unknown it may have been done.
class QuestionDesk {
public:
    static constexpr std::int64_t open_max = 200;

    QuestionDesk(redis::Client& redis, std::chrono::milliseconds deadline) : redis_(redis), deadline_(deadline) {}

    /// The same for texts of a show that differ in nothing but case, width, spaces and marks. `folded`: text::squeeze(text::fold()).
    static std::string id_of(const std::string& show, std::string_view folded);

    /// Asks, or votes for the same question. `question` has its id and all but votes, state and media_time_ms; asked_ms is the caller's clock.
    /// Errors besides: too_large - the room has no place for another question, or the question none for a vote.
    net::Task<Result<Asked>> ask(RoomId room, v1::Question question);
    net::Task<Result<Asked>> vote(RoomId room, std::string id, AccountId account);

    /// An open question with its votes. Errors: not_found.
    net::Task<Result<v1::Question>> find(RoomId room, std::string id);
    /// Takes it off the board. Errors: not_found - it is not open.
    net::Task<Result<>> close(RoomId room, std::string id, int state);
    /// The `count` open questions with the most votes.
    net::Task<Result<v1::QuestionBoard>> board(RoomId room, std::int64_t count);

private:
    net::Task<Result<redis::Reply>> call(redis::Client::Command command);
    net::Task<Result<Asked>> put(RoomId room, std::string id, std::string question, std::string account);

    redis::Client& redis_;
    std::chrono::milliseconds deadline_;
};

}  // namespace livefair::room
