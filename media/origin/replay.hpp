#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "net/http.hpp"
#include "origin/mp4_jobs.hpp"
#include "record/recording.hpp"

namespace livefair::origin {

constexpr std::string_view replay_prefix = "/replay/";

/// Answers GET and HEAD of /replay/{room}/list.json and /replay/{room}/{recording}/{file}: playlists of the whole and of single clips,
/// clips.json, poster.jpg, inits and segments; and MP4 files to take away (download.mp4, clip_{cue}.mp4),
/// with 202 and their progress while they are made. The disk is read on a thread of its own; manifests that are asked for again are kept
/// read. On any shard. Owned by Origin.
class Replay {
public:
    Replay(std::string dir, std::int64_t reserve_bytes) : dir_(std::move(dir)), mp4_jobs_(dir_ + "/.mp4", reserve_bytes) {}
    ~Replay() { stop(); }
    net::Task<net::HttpResponse> answer(net::Shard& shard, const net::HttpRequest& request);
    /// Ends the thread; answers that wait for it are never given. Idempotent.
    void stop() {
        disk_.stop();
        disk_.join();
    }

private:
    /// A manifest as last read.
    struct Known {
        std::uintmax_t bytes = 0;
        std::filesystem::file_time_type changed;
        std::shared_ptr<const record::Recording> recording;
    };
    net::Task<net::HttpResponse> on_disk(net::Shard& shard, std::function<net::HttpResponse()> work);
    // On the disk's thread:
    std::shared_ptr<const record::Recording> load(const std::string& folder);
    net::HttpResponse list(const std::string& room);
    net::HttpResponse file(const std::string& room, const std::string& recording, const std::string& name);
    net::HttpResponse mp4(const std::string& folder, std::shared_ptr<const record::Recording> recording, const std::string& name);

    const std::string dir_;
    Mp4Jobs mp4_jobs_;
    std::map<std::string, Known> known_;
    boost::asio::thread_pool disk_{1};
};

}  // namespace livefair::origin
