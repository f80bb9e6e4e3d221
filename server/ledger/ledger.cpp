#include "ledger/ledger.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <future>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "ledger/job_queue.hpp"
#include "ledger/leases.hpp"
#include "ledger/lock_file.hpp"
#include "ledger/migrations.hpp"
#include "ledger/postgres_database.hpp"

namespace livefair::ledger {

namespace {

namespace asio = net::asio;
using Work = std::function<Result<>(Database&)>;

Result<> run_guarded(const Work& work, Database& database) {
    try {
        return work(database);
    } catch (const std::exception& exception) {
        log::error("ledger work threw", {{"what", exception.what()}});
        return make_error_code(Errc::internal);
    }
}

[[noreturn]] void end_program() {
    constexpr int io_error = 74;  // EX_IOERR of sysexits.h
    log::stop();
    std::_Exit(io_error);
}

/// A URL may hold a password.
std::string name_of(const std::string& location) {
    return is_postgres(location) ? "the database of ledger.url" : location;
}

std::unique_ptr<Database> open_or_throw(const Ledger::Options& options, Database::Mode mode) {
    std::string why;
    auto opened = Database::open(options.location, mode, options.database, &why);
    if (opened) return std::move(*opened);
    const auto advice = is_postgres(options.location)
                            ? "; check that the server runs and that the URL names a database of this user"
                            : "; check that it is a readable SQLite file and its folder may be written to";
    throw std::runtime_error("ledger: can't open " + name_of(options.location) + ": " + why + advice);
}

/// Each time longer, and by chance, so that those who crossed don't cross again.
void pause_before(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    const auto longest = std::int64_t{1} << std::min(attempt, 6);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, longest)(random)));
}

}  // namespace

class Ledger::Impl {
public:
    explicit Impl(Options options)
        : lock_(lock_ledger(options.location)),
          on_unwritten_(options.on_unwritten ? std::move(options.on_unwritten) : end_program),
          writer_(open_or_throw(options, Database::Mode::read_write)) {
        if (const auto migrated = migrate(*writer_, known_migrations()); !migrated) {
            const auto name = name_of(options.location);
            throw std::runtime_error(migrated.error() == Errc::unsupported
                                         ? "ledger: " + name + " was written by a newer version; start that version"
                                         : "ledger: migrating " + name + " failed: " + writer_->error_text());
        }
        // The lock says that those who projected before us are gone.
        if (writer_->is_file() && !leave_all_projectors(*writer_))
            throw std::runtime_error("ledger: can't write " + name_of(options.location) + ": " + writer_->error_text());
        reader_ = open_or_throw(options, Database::Mode::read_only);
        writer_->use_personal_keys(options.personal_keys);
        reader_->use_personal_keys(options.personal_keys);
        write_thread_ = std::thread([this] { write_loop(); });
        read_thread_ = std::thread([this] { read_loop(); });
    }

    ~Impl() {
        writes_.close();
        reads_.close();
        write_thread_.join();
        read_thread_.join();
    }

    void submit(bool is_write, QueuedJob job) {
        auto done = job.done;
        if (!(is_write ? writes_ : reads_).push(std::move(job))) done(make_error_code(Errc::too_many_requests));
    }

private:
    void read_loop() {
        for (auto jobs = reads_.take(); !jobs.empty(); jobs = reads_.take()) {
            for (auto& job : jobs) job.done(read_one(job.work));
        }
    }

    Result<> read_one(const Work& work) {
        Result<> result;
        // A lost connection is noticed by who uses it next; reading again does no harm.
        for (int attempt = 0; attempt < 2; ++attempt) {
            result = read_once(work);
            if (result || reader_->trouble() != Trouble::lost) break;
        }
        return result;
    }

    Result<> read_once(const Work& work) {
        if (const auto begun = reader_->begin(); !begun) return failed(*reader_, "begin");
        const auto result = run_guarded(work, *reader_);
        if (result.has_error() && result.error() == Errc::ledger_unavailable) failed(*reader_, "read");
        reader_->rollback();
        return result;
    }

    void write_loop() {
        for (auto jobs = writes_.take(); !jobs.empty(); jobs = writes_.take()) {
            std::vector<Result<>> results(jobs.size());
            const auto committed = write_until_done(jobs, results);
            jobs_per_commit_.observe(static_cast<double>(jobs.size()));
            for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].done(committed ? results[i] : committed);
        }
    }

    /// Does again what certainly was not committed and may go better the next time. An error means that none of the
    /// jobs is in the ledger; timed_out: nobody can say.
    Result<> write_until_done(const std::vector<QueuedJob>& jobs, std::vector<Result<>>& results) {
        constexpr int crossed_max = 12;
        bool was_lost = false;
        for (int attempt = 1;; ++attempt) {
            if (unwritten_) return make_error_code(Errc::ledger_unavailable);
            const auto written = write_together(jobs, results);
            if (written) return written;
            const auto trouble = writer_->trouble();
            if (trouble == Trouble::unwritten) {
                unwritten_ = true;
                on_unwritten_();
            }
            const bool may_cross = trouble == Trouble::crossed && attempt < crossed_max;
            const bool may_connect = trouble == Trouble::lost && written.error() != Errc::timed_out && !was_lost;
            if (!may_cross && !may_connect) return written;
            was_lost = was_lost || may_connect;
            if (may_cross) {
                crossed_.add();
                pause_before(attempt);
            }
        }
    }

    /// One transaction for all jobs. A savepoint costs a third of a batch of orders (SQLite copies each page that it touches), so a job that is
    /// alone has none.
    Result<> write_together(const std::vector<QueuedJob>& jobs, std::vector<Result<>>& results) {
        if (const auto begun = writer_->begin(); !begun) return failed(*writer_, "begin");
        if (jobs.size() == 1) {
            results[0] = run_guarded(jobs[0].work, *writer_);
            if (is_over()) return abandon("write");
            if (!results[0]) return write_nothing(results[0]);
        } else {
            for (std::size_t i = 0; i < jobs.size(); ++i) {
                if (const auto one = write_one(jobs[i].work, results[i]); !one) return abandon("savepoint");
            }
        }
        if (const auto committed = writer_->commit(); !committed) {
            (void)abandon("commit");
            return committed;
        }
        return {};
    }

    /// `result`: what the work said; rolled back alone when that is an error. The returned error means that the
    /// transaction is lost.
    Result<> write_one(const Work& work, Result<>& result) {
        if (const auto saved = writer_->run_script("SAVEPOINT job"); !saved) return saved.error();
        result = run_guarded(work, *writer_);
        if (is_over()) return make_error_code(Errc::ledger_unavailable);
        if (result) return writer_->run_script("RELEASE job");
        if (result.error() == Errc::ledger_unavailable) failed(*writer_, "write");
        return writer_->run_script("ROLLBACK TO job; RELEASE job");
    }

    /// `result`: why the only job of the transaction fails.
    Result<> write_nothing(const Result<>& result) {
        if (result.error() == Errc::ledger_unavailable) failed(*writer_, "write");
        writer_->rollback();
        return {};
    }

    /// Whether all jobs of the transaction are lost with the one that failed.
    bool is_over() const {
        const auto trouble = writer_->trouble();
        return trouble == Trouble::crossed || trouble == Trouble::lost || trouble == Trouble::unwritten;
    }

    Result<> abandon(const char* step) {
        const auto error = failed(*writer_, step);
        writer_->rollback();
        return error;
    }

    Result<> failed(Database& database, const char* step) {
        if (database.trouble() != Trouble::crossed)
            log::error("ledger failed", {{"step", step}, {"reason", database.error_text()}});
        return make_error_code(Errc::ledger_unavailable);
    }

    std::unique_ptr<LockFile> lock_;
    std::function<void()> on_unwritten_;
    std::unique_ptr<Database> writer_;
    std::unique_ptr<Database> reader_;
    JobQueue writes_;
    JobQueue reads_;
    metrics::Histogram jobs_per_commit_ = metrics::histogram(
        "livefair_ledger_jobs_per_commit", "Write jobs that shared one SQL commit", {1, 2, 4, 8, 16, 32, 64, 128, 256});
    metrics::Counter crossed_ = metrics::counter("livefair_ledger_crossed_total",
                                                 "SQL transactions done again because another was first");
    bool unwritten_ = false;  ///< The disk did not take a write. Writer thread.
    std::thread write_thread_;
    std::thread read_thread_;
};

Ledger::Ledger(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Ledger::~Ledger() = default;

net::Task<Result<>> Ledger::submit(Lane lane, Work work) {
    const auto executor = co_await asio::this_coro::executor;
    auto initiate = [this, lane, executor](auto handler, Work job_work) {
        // std::function wants copies; the handler can't be copied, so a shared holder carries it to its one call.
        auto holder = std::make_shared<decltype(handler)>(std::move(handler));
        auto done = [holder, executor](Result<> result) {
            asio::post(executor, [handler = std::move(*holder), result]() mutable { std::move(handler)(result); });
        };
        impl_->submit(lane == Lane::write, QueuedJob{std::move(job_work), std::move(done)});
    };
    const Result<> result = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<>)>(
        std::move(initiate), asio::use_awaitable, std::move(work));
    co_return result;
}

Result<> Ledger::run_blocking(Work work) {
    auto promise = std::make_shared<std::promise<Result<>>>();
    auto answer = promise->get_future();
    impl_->submit(true, QueuedJob{std::move(work), [promise](Result<> result) { promise->set_value(result); }});
    return answer.get();
}

}  // namespace livefair::ledger
