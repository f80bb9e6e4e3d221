#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/id.hpp"
#include "hls/cue.hpp"
#include "net/shard.hpp"
#include "redis/client.hpp"
#include "redis/subscriber.hpp"

namespace livefair::ingest {

/// Where rooms learn what is pinned and on sale: one subscription to the events of each room with a stream, for the whole program.
/// What was missed (at opening, after a lost connection, a gap in seq) is read from the room's history and state.
/// Lives on shard 0; open() and close() may be called on any. Owned by Ingest.
class CueWatch {
public:
    using OnCues = std::function<void(std::shared_ptr<const hls::Cues>)>;
    CueWatch(const Config& config, const Clock& clock, net::Shard& shard);
    ~CueWatch();
    void start();
    /// From now on `on_cues` is called on shard 0 after each change, until close(). A second open() replaces the first.
    void open(const RoomId& room, OnCues on_cues);
    void close(const RoomId& room);

private:
    struct Watched;
    void on_message(const std::string& channel, const std::string& payload);
    void catch_up_soon(const std::shared_ptr<Watched>& watched);
    net::Task<> catch_up(std::shared_ptr<Watched> watched);
    net::Task<Result<>> read_missed(std::shared_ptr<Watched> watched);
    net::Task<> tick();

    const Clock& clock_;
    net::Shard& shard_;
    const std::int64_t keep_ms_;
    redis::Client redis_;
    redis::Subscriber subscriber_;
    std::map<std::string, std::shared_ptr<Watched>> rooms_;  // by channel
};

}  // namespace livefair::ingest
