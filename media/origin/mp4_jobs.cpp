#include "origin/mp4_jobs.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <utility>

#include "base/log.hpp"

namespace livefair::origin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t jobs_max = 8;
constexpr std::chrono::hours kept{24};

}  // namespace

Result<Mp4Jobs::Answer> Mp4Jobs::ask(const std::string& name, const std::string& source, std::shared_ptr<const record::Recording> recording,
                                     record::SegmentRange range) {
    const auto path = folder_ + "/" + name;
    const std::lock_guard lock(mutex_);
    if (const auto found = jobs_.find(name); found != jobs_.end()) {
        if (!found->second->failed) return Answer{{}, found->second->progress};
        jobs_.erase(found);
        return make_error_code(Errc::internal);
    }
    std::error_code ec;
    if (fs::exists(path, ec)) return Answer{path, 1};
    if (jobs_.size() >= jobs_max) return make_error_code(Errc::too_many_requests);
    if (!has_space(*recording, range)) return make_error_code(Errc::too_large);
    const auto job = jobs_[name] = std::make_shared<Job>();
    boost::asio::post(worker_, [this, name, source, recording = std::move(recording), range, job] { run(name, source, *recording, range, *job); });
    return Answer{};
}

void Mp4Jobs::run(const std::string& name, const std::string& source, const record::Recording& recording, record::SegmentRange range, Job& job) {
    std::error_code ec;
    fs::create_directories(folder_, ec);
    delete_old();
    const auto path = folder_ + "/" + name;
    const auto made = record::write_mp4(source, recording, range, path + ".new", [&](double progress) {
        job.progress = progress;
        return !stopping_;
    });
    if (made) fs::rename(path + ".new", path, ec);
    if (!made || ec) {
        log::error("mp4_failed", {{"recording", source}, {"why", made ? ec.message() : std::string(to_string(to_errc(made.error())))}});
        job.failed = true;
        return;
    }
    const std::lock_guard lock(mutex_);
    jobs_.erase(name);
}

/// The file itself, and its copy while the index is moved to its beginning.
bool Mp4Jobs::has_space(const record::Recording& recording, record::SegmentRange range) const {
    std::uint64_t bytes = 0;
    for (auto i = range.begin; i < range.end; ++i) bytes += recording.segments[i].size;
    std::error_code ec;
    const auto space = fs::space(fs::path(folder_).parent_path(), ec);
    return !ec && static_cast<std::int64_t>(space.available) > reserve_bytes_ + static_cast<std::int64_t>(bytes);
}

void Mp4Jobs::delete_old() const {
    std::error_code ec;
    for (auto entry = fs::directory_iterator(folder_, ec); !ec && entry != fs::directory_iterator(); entry.increment(ec)) {
        std::error_code ignored;
        if (fs::file_time_type::clock::now() - entry->last_write_time(ignored) > kept) fs::remove(entry->path(), ignored);
    }
}

void Mp4Jobs::stop() {
    stopping_ = true;
    worker_.stop();
    worker_.join();
}

}  // namespace livefair::origin
