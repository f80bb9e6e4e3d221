#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/flv_clip.hpp"

namespace livefair::bench {

/// Publishes a clip over and over at real-time speed, on a thread of its own, and remembers when each video frame was sent.
class LivePublisher {
public:
    using Time = std::chrono::steady_clock::time_point;
    LivePublisher(int rtmp_port, std::string key, const test::FlvClip& clip);
    /// Hangs up without a word, as a phone that lost its net.
    ~LivePublisher();

    /// When video frame `index` (0: the first of this publisher) had been handed to the kernel. Throws std::out_of_range.
    Time sent(std::size_t index) const;
    bool is_refused() const { return refused_; }

private:
    void run(int rtmp_port, const std::string& key);

    const test::FlvClip& clip_;
    mutable std::mutex mutex_;
    std::vector<Time> sent_;
    std::atomic<bool> ending_ = false;
    std::atomic<bool> refused_ = false;
    std::thread thread_;
};

}  // namespace livefair::bench
