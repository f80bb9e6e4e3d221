#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/nginx.hpp"
#include "integration/media/studio.hpp"
#include "support/process.hpp"

namespace livefair::bench {

/// A folder in memory (/dev/shm) that every server under test writes to; removed with all that is in it.
class MemoryFolder {
public:
    MemoryFolder();
    ~MemoryFolder();
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// The clip that every publisher sends, made once and kept in `folder`: 60 s of 720p30, H.264 main with two B-frames at 2.5 Mbit/s,
/// a key frame every 2 s, AAC at 128 kbit/s. Throws std::runtime_error when ffmpeg fails.
std::string clip_file(const std::string& folder);

/// A server that turns RTMP into HLS.
class Repackager {
public:
    virtual ~Repackager() = default;
    virtual std::string name() const = 0;
    virtual pid_t pid() = 0;
    /// Where ffmpeg publishes stream `index`.
    virtual std::string address(int index) = 0;
    /// The complete segments that the playlist of stream `index` names now, as one playable file, and the time they say they last.
    struct Listed {
        std::string bytes;
        double seconds = 0;
    };
    virtual Listed listed(int index) = 0;
};

/// The defaults without the recorder.
inline test::Studio::Environment memory_only() { return {{"LIVEFAIR_RECORD_ENABLED", "false"}}; }

/// livefair-media with its own Redis; `environment` holds settings that are not the defaults.
class Livefair final : public Repackager {
public:
    Livefair(std::string name, test::Studio::Environment environment);
    std::string name() const override { return name_; }
    pid_t pid() override { return studio_.media().pid(); }
    std::string address(int index) override;
    Listed listed(int index) override;
    test::Studio& studio() { return studio_; }

private:
    std::string name_;
    test::Studio studio_;
};

/// Debian's nginx-rtmp: TS segments of 2 s, in files.
class NginxRtmp final : public Repackager {
public:
    NginxRtmp();
    std::string name() const override { return "nginx-rtmp"; }
    pid_t pid() override { return process_->pid(); }
    std::string address(int index) override;
    Listed listed(int index) override;

private:
    MemoryFolder folder_;
    int port_;
    std::unique_ptr<Nginx> process_;
};

/// `count` ffmpeg processes that repeat `clip` at real-time speed without coding it again.
std::vector<std::unique_ptr<test::Process>> publish(Repackager& server, const std::string& clip, int count);

/// Video frames that ffprobe finds in a file.
int count_frames(const std::string& bytes);

}  // namespace livefair::bench
