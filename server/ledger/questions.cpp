#include "ledger/questions.hpp"

#include <livefair/v1/room.pb.h>

#include "ledger/database.hpp"

namespace livefair::ledger {

Result<> add_question(Database& db, const v1::Question& question, const AccountId& by, std::int64_t now_ms) {
    const auto known = db.query("SELECT 1 FROM shows WHERE id = ?", {question.show_id()});
    if (!known) return known.error();
    if (known->empty()) return make_error_code(Errc::not_found);
    const auto added = db.execute(
        "INSERT INTO questions (show_id, question_id, asked_ms, text, account_id, nickname, votes, state, media_time_ms, closed_ms, by_account)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        {question.show_id(), question.id(), question.asked_ms(), question.text(), question.account_id(), question.nickname(), question.votes(),
         static_cast<std::int64_t>(question.state()), question.media_time_ms(), now_ms, by.str()});
    if (!added) return added.error();
    return {};
}

Result<v1::ListQuestionsResponse> list_questions(Database& db, const ShowId& show) {
    const auto rows = db.query(
        "SELECT question_id, text, votes, asked_ms, state, media_time_ms FROM questions WHERE show_id = ? AND state IN (2, 3)"
        " ORDER BY state, media_time_ms, votes DESC, asked_ms LIMIT 500",
        {show.str()});
    if (!rows) return rows.error();
    v1::ListQuestionsResponse response;
    for (const auto& row : *rows) {
        auto& question = *response.add_questions();
        question.set_id(row.text(0));
        question.set_show_id(show.str());
        question.set_text(row.text(1));
        question.set_votes(row.integer(2));
        question.set_asked_ms(row.integer(3));
        question.set_state(static_cast<v1::QuestionState>(row.integer(4)));
        question.set_media_time_ms(row.integer(5));
    }
    return response;
}

}  // namespace livefair::ledger
