#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "net/shard.hpp"
#include "room/bus.hpp"
#include "room/hub.hpp"
#include "room/question_desk.hpp"

namespace livefair::v1 {
class Counts;
}

namespace livefair::room {

/// As people are told it.
v1::Counts message_of(const Counts& counts);

/// Asks all shards once a second what they have counted, adds it up with the other gateways' figures in Redis, and tells each room whose
/// numbers or open questions changed, as latest values: nobody is told of a single join, leave, like or vote. Lives on shard 0.
class Census {
public:
    /// `hubs[i]` is shard i's; `bus` and `questions` shard 0's.
    Census(net::Shards& shards, std::vector<Hub*> hubs, Bus& bus, QuestionDesk& questions);
    /// Runs until stop(). Spawn it on shard 0.
    net::Task<> run();
    void stop();
    /// On shard 0: rooms that are counted even when nobody watches them through this gateway.
    void also_count(std::set<RoomId> rooms) { also_counted_ = std::move(rooms); }
    /// On shard 0.
    const std::map<RoomId, Counts>& counts() const { return counts_; }
    /// On shard 0: `lines` of the room's chat lines are in a sample.
    net::Task<Result<>> sampled(RoomId room, std::int64_t lines);

private:
    net::Task<> collect();
    net::Task<> count(RoomId room);
    net::Task<> tell(RoomId room);
    net::Task<> tell_questions(RoomId room);

    net::Shards& shards_;
    std::vector<Hub*> hubs_;
    Bus& bus_;
    QuestionDesk& questions_;
    const std::string gateway_;  ///< Random.
    net::asio::steady_timer timer_;
    bool stopped_ = false;
    std::map<RoomId, CountReport> reports_;  ///< What Redis has not been told yet. A room stays until a report of no viewers has arrived.
    std::set<RoomId> also_counted_;
    std::map<RoomId, Counts> counts_;
    std::set<RoomId> untold_;
    std::set<RoomId> untold_questions_;
};

}  // namespace livefair::room
