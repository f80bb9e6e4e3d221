#pragma once

#include <cstdint>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class ListQuestionsResponse;
class Question;
}  // namespace livefair::v1

/// Viewers' questions once they are closed, kept with the show for good. Free functions over a Database: call them inside Ledger::read() or
/// write(). Errors of all: ledger_unavailable.
namespace livefair::ledger {

class Database;

/// Keeps a question as it was closed (its state says how). One that is kept already stays as it is. Errors besides: not_found - no such show.
Result<> add_question(Database& db, const v1::Question& question, const AccountId& by, std::int64_t now_ms);

/// A show's questions that were answered, in order of media time, then those left for later, most votes first; at most 500. Without who asked.
Result<v1::ListQuestionsResponse> list_questions(Database& db, const ShowId& show);

}  // namespace livefair::ledger
