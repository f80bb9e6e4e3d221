#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "ledger/database.hpp"
#include "net/task.hpp"

namespace livefair::ledger {

/// The SQL ledger: one writer thread and one reader thread, each with a connection of its own. Owned by App;
/// thread-safe. Must outlive every coroutine that waits for it, and be destroyed before their io_context.
///
/// Writes are grouped: what waits when the writer gets free shares one COMMIT (and its fsync), each inside a savepoint
/// of its own, so that one failing write rolls back alone. A result is handed out only after the COMMIT. At most 10,000
/// jobs wait. `work` may run more than once (another program's transaction was first, the connection was lost before
/// the COMMIT): what it did before is rolled back, and it must not depend on having run.
class Ledger {
public:
    struct Options {
        std::string location;  ///< PostgreSQL URL, or path of an SQLite file. See Database::open().
        Database::Options database;
        /// Called on the writer thread, once, when the disk did not take a write. The default ends the program with
        /// status 74 (EX_IOERR): the file must be opened anew before anybody may trust it. When it returns, every write
        /// from then on is answered ledger_unavailable.
        std::function<void()> on_unwritten = {};
        /// What people's names, phones and addresses are sealed with; without any they can be neither written nor read.
        std::shared_ptr<const auth::PersonalKeys> personal_keys = {};
    };
    /// Opens the database and migrates the schema; of an SQLite file it takes the lock file `path`.lock first. Start-up
    /// only: throws std::runtime_error that says what to do (the file is in use by another process, is of a newer
    /// version, can't be read; the server would not keep what it calls committed).
    explicit Ledger(Options options);
    explicit Ledger(const std::string& location) : Ledger(Options{location, {}, {}}) {}
    /// Finishes the jobs that wait, then joins.
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    /// Runs `work`, a `Result<T>(Database&)`, on the reader thread in one snapshot; resumes on the caller's executor.
    /// `work` is moved to the other thread: capture by value only.
    /// Errors: what `work` returns; ledger_unavailable; too_many_requests (the queue is full).
    template <class F>
    net::Task<std::invoke_result_t<F&, Database&>> read(F work) {
        return run(Lane::read, std::move(work));
    }
    /// As read(), on the writer thread in one transaction: an error of `work` rolls back all it did.
    /// Errors: besides those timed_out - the answer to the COMMIT was lost, it may be in the ledger or not: who must know
    /// reads again.
    template <class F>
    net::Task<std::invoke_result_t<F&, Database&>> write(F work) {
        return run(Lane::write, std::move(work));
    }
    /// As write(), but blocks the calling thread. For start-up, tools and tests, never on a shard.
    template <class F>
    std::invoke_result_t<F&, Database&> write_blocking(F work) {
        auto job = std::make_shared<Job<F>>(std::move(work));
        const auto committed = run_blocking([job](Database& database) { return job->run(database); });
        return job->finish(committed);
    }

private:
    enum class Lane { read, write };
    /// One piece of work without its type; its error means: roll back.
    using Work = std::function<Result<>(Database&)>;

    template <class F>
    struct Job {
        explicit Job(F f) : work(std::move(f)) {}
        Result<> run(Database& database) {
            result.emplace(work(database));
            if (result->has_error()) return result->error();
            return {};
        }
        std::invoke_result_t<F&, Database&> finish(Result<> committed) {
            if (committed.has_error() || !result) {
                return committed.has_error() ? committed.error() : make_error_code(Errc::ledger_unavailable);
            }
            return std::move(*result);
        }
        F work;
        std::optional<std::invoke_result_t<F&, Database&>> result;
    };

    template <class F>
    net::Task<std::invoke_result_t<F&, Database&>> run(Lane lane, F work) {
        auto job = std::make_shared<Job<F>>(std::move(work));
        Work untyped = [job](Database& database) { return job->run(database); };
        const Result<> committed = co_await submit(lane, std::move(untyped));
        co_return job->finish(committed);
    }
    net::Task<Result<>> submit(Lane lane, Work work);
    Result<> run_blocking(Work work);

    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::ledger
