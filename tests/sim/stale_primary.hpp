#pragma once

#include <vector>

#include "sim/coverage.hpp"
#include "sim/redis_server.hpp"

namespace livefair::sim {

/// A client's connection, which goes where a sentinel says that the primary is.
class Follower {
public:
    virtual ~Follower() = default;
    /// The server that it connects to.
    RedisServer& server() { return *server_; }
    /// A sentinel names this one: what is under way at another one is unknown from now on.
    virtual void follow(RedisServer& server) = 0;

protected:
    RedisServer* server_ = nullptr;
};

/// The primary of before a failover. Its machine was cut off, and a sentinel there goes on saying that it is the primary: for a while it lives on with
/// its data and its run_id, what is written to it goes nowhere, and clients are led to it and back, each for itself, until it is demoted.
class StalePrimary {
public:
    StalePrimary(World& world, LuaLibrary& library, RedisServer& primary, Coverage& coverage);

    /// Right before the primary fails over. Once at a time.
    void begin();
    bool is_there() const { return server_.is_up(); }
    /// Where a client goes first, by the word of the sentinel that it happens to ask.
    RedisServer& first_server();
    void join(Follower& follower) { followers_.push_back(&follower); }
    void leave(const Follower& follower) { std::erase(followers_, &follower); }

private:
    void lead_someone();
    void lead(Follower& follower, RedisServer& server);
    void end();
    void lead_all_back();
    void note(const Command& command, const Reply& reply);
    void hit(const char* transition);

    World& world_;
    RedisServer& primary_;
    RedisServer server_;
    Coverage& coverage_;
    std::vector<Follower*> followers_;  ///< In the order of their coming.
    std::int64_t pace_us_ = 0;
    std::uint64_t life_ = 0;
};

}  // namespace livefair::sim
