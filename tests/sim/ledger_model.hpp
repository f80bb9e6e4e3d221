#pragma once

#include <functional>
#include <memory>

#include "ledger/database.hpp"
#include "sim/world.hpp"

namespace livefair::sim {

/// The SQL ledger of a run: the product's schema and SQL on SQLite in memory, behind one queue for writes and one for
/// reads. What is committed stays, whoever dies (SQLite FULL); a writer that dies before has written nothing.
class LedgerModel {
public:
    using Work = std::function<Result<>(ledger::Database&)>;

    LedgerModel(World& world, ledger::Database& database);
    static LedgerModel* current();

    ledger::Database& database() { return database_; }
    void submit(bool is_write, Work work, Process& process, Process::Waiting<Result<>> waiting);
    /// At once, for setting up and for looking.
    Result<> run_now(const Work& work);
    /// Called after each COMMIT.
    std::function<void()> on_commit;

    /// A planted fault: a writer that moves a show's cursor commits it first, and its rows a moment later.
    bool commits_cursor_first = false;
    /// For a while every job fails; nothing is committed.
    void go_down(std::int64_t for_us);
    /// The next write is committed, and its writer told that it failed (PostgreSQL, connection lost at COMMIT).
    void lose_next_answer() { loses_answer_ = true; }

private:
    Result<> run(bool is_write, const Work& work);
    void end(bool is_committed);
    Result<> run_cursor_first(const Work& work, Process& process, const Process::Waiting<Result<>>& waiting, bool& is_later);
    void answer(Process& process, const Process::Waiting<Result<>>& waiting, Result<> result);

    World& world_;
    ledger::Database& database_;
    std::int64_t free_us_[2] = {0, 0};
    std::int64_t down_until_us_ = 0;
    bool loses_answer_ = false;
};

/// A database in memory with the product's whole schema; emptied for each run, as making it anew takes longer.
std::unique_ptr<ledger::Database> make_database();
void empty_database(ledger::Database& database);

}  // namespace livefair::sim
