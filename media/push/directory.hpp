#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/config.hpp"
#include "base/id.hpp"
#include "net/shard.hpp"
#include "push/room_pushes.hpp"
#include "redis/client.hpp"
#include "redis/subscriber.hpp"

namespace livefair::push {

/// Where rooms learn their targets: the Redis hashes {lf:push}:<room>, read when a room opens, at each message on {lf:push}, and
/// whenever the subscription comes back. Lives on shard 0; watch() may be called on any. Owned by App.
class Directory {
public:
    /// `secret`: of auth/media_secret.hpp.
    Directory(const Config& config, net::Shards& shards, std::string secret);
    void start();
    /// From now on `pushes`, on `shard`, is told the room's targets, until it is gone.
    void watch(net::Shard& shard, const RoomId& room, std::weak_ptr<RoomPushes> pushes);

private:
    struct Watched {
        net::Shard* shard;
        std::weak_ptr<RoomPushes> pushes;
    };
    void read_soon(const std::string& room);
    net::Task<> read(std::string room);
    Targets unseal(const std::string& room, const redis::Reply& hash) const;

    net::Shard& shard_;
    const std::string secret_;
    redis::Client redis_;
    redis::Subscriber subscriber_;
    std::map<std::string, Watched> rooms_;
};

}  // namespace livefair::push
