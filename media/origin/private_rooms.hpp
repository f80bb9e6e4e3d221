#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/config.hpp"
#include "base/id.hpp"
#include "net/shard.hpp"
#include "redis/client.hpp"
#include "redis/subscriber.hpp"

namespace livefair::origin {

/// Which rooms need a token: the Redis set lf:rooms:private, read at the start, at each message on the channel of that name, when the
/// subscription comes back, and every 30 s. Between two readings the last one holds. Lives on shard 0; is_private() may be called
/// on any. Owned by Access.
class PrivateRooms {
public:
    PrivateRooms(const Config& config, net::Shards& shards);
    void start();
    /// None: Redis has not answered since this program started, so nobody knows.
    std::optional<bool> is_private(const RoomId& room) const;

private:
    void read_soon();
    net::Task<> read();
    net::Task<> read_often();

    net::Shard& shard_;
    redis::Client redis_;
    redis::Subscriber subscriber_;
    bool is_reading_ = false;
    bool is_stale_ = false;  // changed while it was being read
    mutable std::mutex mutex_;
    std::shared_ptr<const std::set<std::string>> rooms_;  // null: not known
};

}  // namespace livefair::origin
