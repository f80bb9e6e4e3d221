#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "ladder/transcoder.hpp"

namespace livefair::ladder {

/// A rung's thread. Takes the source's runs and packets without ever making the caller wait, and gives the rung's in the same order.
/// It runs at a lower priority than the shards, so that a machine with too little for both keeps the source going.
class Worker {
public:
    struct Begin {
        stream::Tracks tracks;
    };
    struct End {};
    /// In: what the source does. Out: the same with the rung's tracks and packets; audio packets pass unchanged.
    using Item = std::variant<Begin, stream::Packet, End>;
    /// Called on the worker's thread. An error is the last call: Errc::unsupported (no such rung for this source), internal.
    using Deliver = std::function<void(Result<std::vector<Item>>)>;

    Worker(Rung rung, Deliver deliver);
    /// Drops what is queued and joins.
    ~Worker();

    /// False: `queue_packets_max` packets wait, the worker is too slow, and nothing was taken. O(1).
    bool push(Item item);

    /// About three seconds of video and audio.
    static constexpr std::size_t queue_packets_max = 256;

private:
    void run();
    Result<std::vector<Item>> handle(Item item);
    Result<std::vector<Item>> end_run();

    const Rung rung_;
    const Deliver deliver_;
    std::unique_ptr<Transcoder> transcoder_;  // on the worker's thread
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> queue_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace livefair::ladder
