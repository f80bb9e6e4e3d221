#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <vector>

#include "net/shard.hpp"
#include "room/bus.hpp"
#include "room/hub.hpp"
#include "room/players.hpp"

namespace livefair::room {

/// What is counted in one room.
struct Counts {
    std::int64_t viewers = 0;     ///< Connections now.
    std::int64_t likes = 0;       ///< Since the room began.
    std::int64_t chat_lines = 0;  ///< Taken by this process since it started.
    std::int64_t players = 0;     ///< Pages whose picture moves; see players.hpp.
    std::int64_t players_as_of_ms = 0;
};

/// Asks all shards once a second what they have counted, and tells each room whose numbers changed, as a latest value: nobody
/// is told of a single join, leave or like. Lives on shard 0.
class Census {
public:
    /// `hubs[i]` is shard i's; `bus` and `players` shard 0's.
    Census(net::Shards& shards, std::vector<Hub*> hubs, Bus& bus, Players& players);
    /// Runs until stop(). Spawn it on shard 0.
    net::Task<> run();
    void stop();
    /// On shard 0.
    const std::map<RoomId, Counts>& counts() const { return counts_; }

private:
    net::Task<> count_once();
    net::Task<> count_players();
    net::Task<> tell(RoomId room);

    net::Shards& shards_;
    std::vector<Hub*> hubs_;
    Bus& bus_;
    Players& players_;
    net::asio::steady_timer timer_;
    bool stopped_ = false;
    std::map<RoomId, Counts> counts_;
    std::map<RoomId, std::int64_t> new_likes_;  ///< Not yet added in Redis.
    std::map<RoomId, std::int64_t> told_viewers_;
};

}  // namespace livefair::room
