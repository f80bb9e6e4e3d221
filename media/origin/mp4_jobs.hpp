#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "record/mp4.hpp"

namespace livefair::origin {

/// Makes MP4 files of recordings and clips, one after the other on a thread of its own, and keeps them in a folder for a day. Thread-safe.
class Mp4Jobs {
public:
    /// `folder`: where the files go. With less than `reserve_bytes` free on its disk beyond what a file needs, none is made.
    Mp4Jobs(std::string folder, std::int64_t reserve_bytes) : folder_(std::move(folder)), reserve_bytes_(reserve_bytes) {}
    ~Mp4Jobs() { stop(); }

    /// The file when it is there, else how far it is; the first request for a name begins the work. `name`: unique for what it holds.
    /// Errors: Errc::too_many_requests (jobs_max wait), too_large (not enough disk), internal (it failed; asked again, it is tried again).
    struct Answer {
        std::string path;     ///< Empty while it is being made.
        double progress = 0;  ///< 0 to 1
    };
    Result<Answer> ask(const std::string& name, const std::string& source, std::shared_ptr<const record::Recording> recording, record::SegmentRange range);
    /// Breaks off what is under way. Idempotent.
    void stop();

private:
    struct Job {
        std::atomic<double> progress = 0;
        std::atomic<bool> failed = false;
    };
    void run(const std::string& name, const std::string& source, const record::Recording& recording, record::SegmentRange range, Job& job);
    bool has_space(const record::Recording& recording, record::SegmentRange range) const;
    void delete_old() const;

    const std::string folder_;
    const std::int64_t reserve_bytes_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Job>> jobs_;  // under way or failed
    boost::asio::thread_pool worker_{1};
};

}  // namespace livefair::origin
