#include "net/file_reader.hpp"

#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace livefair::net {

/// One read. Written by the reader's thread, then by its shard alone.
struct FileReader::Job {
    Job(Shard& on, std::shared_ptr<const OpenFile> from, std::uint64_t at, std::size_t count)
        : shard(on), file(std::move(from)), offset(at), length(count), done(on.context(), std::chrono::steady_clock::time_point::max()) {}

    void finish(const std::shared_ptr<Job>& self) {
        shard.post([self] { self->done.cancel(); });
    }

    Shard& shard;
    std::shared_ptr<const OpenFile> file;
    std::uint64_t offset;
    std::size_t length;
    Result<std::string> bytes = make_error_code(Errc::closed);
    asio::steady_timer done;
};

Task<Result<std::string>> FileReader::read(Shard& shard, std::shared_ptr<const OpenFile> file, std::uint64_t offset,
                                           std::size_t length) {
    auto cached = file->read_cached(offset, length);
    if (!cached.empty()) co_return std::move(cached);
    const auto job = std::make_shared<Job>(shard, std::move(file), offset, length);
    if (!enqueue(job)) co_return make_error_code(Errc::closed);
    // finish() is posted to this shard, so it can't run before this wait has begun.
    co_await job->done.async_wait(as_result);
    co_return std::move(job->bytes);
}

bool FileReader::enqueue(std::shared_ptr<Job> job) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return false;
    jobs_.push_back(std::move(job));
    if (!thread_.joinable()) thread_ = std::thread(&FileReader::run, this);
    changed_.notify_one();
    return true;
}

void FileReader::run() {
    for (std::unique_lock lock(mutex_);;) {
        while (jobs_.empty() && !is_stopped_) changed_.wait(lock);
        if (is_stopped_) return;
        const auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job->bytes = job->file->read(job->offset, job->length);
        job->finish(job);
        lock.lock();
    }
}

void FileReader::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    for (const auto& job : std::exchange(jobs_, {})) job->finish(job);
}

}  // namespace livefair::net
