#include "bench/media/live_publisher.hpp"

#include <utility>

#include "support/rtmp_publisher.hpp"

namespace livefair::bench {

LivePublisher::LivePublisher(int rtmp_port, std::string key, const test::FlvClip& clip)
    : clip_(clip), thread_([this, rtmp_port, name = std::move(key)] { run(rtmp_port, name); }) {}

LivePublisher::~LivePublisher() {
    ending_ = true;
    thread_.join();
}

LivePublisher::Time LivePublisher::sent(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    return sent_.at(index);
}

void LivePublisher::run(int rtmp_port, const std::string& key) {
    test::RtmpOptions options;
    options.port = rtmp_port;
    test::RtmpPublisher publisher(std::move(options));
    if (publisher.publish(key) != "NetStream.Publish.Start") {
        refused_ = true;
        return;
    }
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t turn = 0;; ++turn) {
        for (const auto& tag : clip_.tags) {
            if (turn > 0 && !tag.is_frame()) continue;
            const auto at_ms = tag.at_ms + turn * clip_.duration_ms;
            std::this_thread::sleep_until(start + std::chrono::milliseconds(at_ms));
            if (ending_) return;
            if (!publisher.send_message(tag.type, static_cast<std::uint32_t>(at_ms), tag.body)) return;
            if (!tag.is_video() || !tag.is_frame()) continue;
            const std::lock_guard lock(mutex_);
            sent_.push_back(std::chrono::steady_clock::now());
        }
    }
}

}  // namespace livefair::bench
