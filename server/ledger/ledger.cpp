#include "ledger/ledger.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "ledger/migrations.hpp"

namespace livefair::ledger {

namespace {

namespace asio = net::asio;
using Work = std::function<Result<>(Database&)>;
using Done = std::function<void(Result<>)>;

constexpr std::size_t jobs_max = 10'000;
constexpr std::size_t jobs_per_commit_max = 256;

struct QueuedJob {
    Work work;
    Done done;
};

/// Jobs for one thread. Thread-safe.
class JobQueue {
public:
    /// False: full or closed.
    bool push(QueuedJob job) {
        const std::lock_guard lock(mutex_);
        if (closed_ || jobs_.size() >= jobs_max) return false;
        jobs_.push_back(std::move(job));
        ready_.notify_one();
        return true;
    }
    /// Waits for work; empty once closed and drained.
    std::vector<QueuedJob> take() {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
        std::vector<QueuedJob> taken;
        while (!jobs_.empty() && taken.size() < jobs_per_commit_max) {
            taken.push_back(std::move(jobs_.front()));
            jobs_.pop_front();
        }
        return taken;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        ready_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<QueuedJob> jobs_;
    bool closed_ = false;
};

/// An open, locked file; unlocked when it closes (also by the kernel, when the process dies).
class LockFile {
public:
    explicit LockFile(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (fd_ < 0)
            throw std::runtime_error("ledger: can't open the lock file " + path +
                                     "; check that its folder may be written to");
        if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
            ::close(fd_);
            throw std::runtime_error("ledger: " + path +
                                     " is held by another process; stop the other livefair-server or set ledger.path");
        }
    }
    ~LockFile() { ::close(fd_); }
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;

private:
    int fd_;
};

Result<> run_guarded(const Work& work, Database& database) {
    try {
        return work(database);
    } catch (const std::exception& exception) {
        log::error("ledger work threw", {{"what", exception.what()}});
        return make_error_code(Errc::internal);
    }
}

std::string with_folder(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    return path;
}

std::unique_ptr<Database> open_or_throw(const std::string& path, Database::Mode mode) {
    auto opened = Database::open(path, mode);
    if (!opened)
        throw std::runtime_error("ledger: can't open " + path +
                                 "; check that it is a readable SQLite file and its folder may be written to");
    return std::move(*opened);
}

}  // namespace

class Ledger::Impl {
public:
    explicit Impl(const std::string& path)
        : lock_(with_folder(path) + ".lock"), writer_(open_or_throw(path, Database::Mode::read_write)) {
        if (const auto migrated = migrate(*writer_, known_migrations()); !migrated) {
            throw std::runtime_error(migrated.error() == Errc::unsupported
                                         ? "ledger: " + path + " was written by a newer version; start that version"
                                         : "ledger: migrating " + path + " failed: " + writer_->error_text());
        }
        reader_ = open_or_throw(path, Database::Mode::read_only);
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
        if (const auto begun = reader_->run_script("BEGIN"); !begun) return failed(*reader_, "begin");
        const auto result = run_guarded(work, *reader_);
        if (result.has_error() && result.error() == Errc::ledger_unavailable) failed(*reader_, "read");
        (void)reader_->run_script("ROLLBACK");
        return result;
    }

    void write_loop() {
        for (auto jobs = writes_.take(); !jobs.empty(); jobs = writes_.take()) {
            std::vector<Result<>> results(jobs.size());
            const auto committed = write_together(jobs, results);
            jobs_per_commit_.observe(static_cast<double>(jobs.size()));
            for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].done(committed ? results[i] : committed);
        }
    }

    /// One transaction for all jobs. An error means that none of them is in the ledger.
    Result<> write_together(const std::vector<QueuedJob>& jobs, std::vector<Result<>>& results) {
        if (const auto begun = writer_->run_script("BEGIN IMMEDIATE"); !begun) return failed(*writer_, "begin");
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            if (const auto one = write_one(jobs[i].work, results[i]); !one) return abandon("savepoint");
        }
        if (const auto committed = writer_->run_script("COMMIT"); !committed) return abandon("commit");
        return {};
    }

    /// `result`: what the work said; rolled back alone when that is an error. The returned error means that the
    /// transaction is lost.
    Result<> write_one(const Work& work, Result<>& result) {
        if (const auto saved = writer_->run_script("SAVEPOINT job"); !saved) return saved.error();
        result = run_guarded(work, *writer_);
        if (result) return writer_->run_script("RELEASE job");
        if (result.error() == Errc::ledger_unavailable) failed(*writer_, "write");
        return writer_->run_script("ROLLBACK TO job; RELEASE job");
    }

    Result<> abandon(const char* step) {
        const auto error = failed(*writer_, step);
        (void)writer_->run_script("ROLLBACK");
        return error;
    }

    Result<> failed(Database& database, const char* step) {
        log::error("ledger failed", {{"step", step}, {"reason", database.error_text()}});
        return make_error_code(Errc::ledger_unavailable);
    }

    LockFile lock_;
    std::unique_ptr<Database> writer_;
    std::unique_ptr<Database> reader_;
    JobQueue writes_;
    JobQueue reads_;
    metrics::Histogram jobs_per_commit_ = metrics::histogram(
        "livefair_ledger_jobs_per_commit", "Write jobs that shared one SQL commit", {1, 2, 4, 8, 16, 32, 64, 128, 256});
    std::thread write_thread_;
    std::thread read_thread_;
};

Ledger::Ledger(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
Ledger::~Ledger() = default;

net::Task<Result<>> Ledger::submit(Lane lane, Work work) {
    const auto executor = co_await asio::this_coro::executor;
    auto initiate = [this, lane, executor](auto handler, Work job_work) {
        // std::function wants copies; the handler can't be copied, so a shared holder carries it to its one call.
        auto holder = std::make_shared<decltype(handler)>(std::move(handler));
        Done done = [holder, executor](Result<> result) {
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
