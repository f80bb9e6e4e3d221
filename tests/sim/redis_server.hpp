#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/lua_library.hpp"
#include "sim/redis_data.hpp"
#include "sim/world.hpp"

namespace livefair::sim {

/// Both ends of one connection to Redis. Messages keep their order each way; each takes its own time.
struct Link {
    using OnClosed = std::function<void()>;
    using OnMessage = std::function<void(const std::string& channel, const std::string& payload)>;
    std::string process;
    OnClosed on_closed;      ///< At the client's end.
    OnMessage on_message;
    std::set<std::string> channels;
    bool is_open = true;     ///< The client's end takes and sends.
    bool is_heard = true;    ///< What is under way to the server still arrives.
    std::int64_t up_free_us = 0;
    std::int64_t down_free_us = 0;
};
using SharedLink = std::shared_ptr<Link>;

/// A Redis with AOF and `appendfsync always`, its network and its misfortunes. What arrives while a turn of its loop runs
/// is executed at once; at the turn's end one fsync, and only then the replies leave.
class RedisServer {
public:
    using OnReply = std::function<void(Reply)>;
    /// Called after each command that changed something, and after data was taken back.
    using OnChange = std::function<void(const Command&, const Reply&)>;

    RedisServer(World& world, LuaLibrary& library);

    RedisData data;
    OnChange on_change;
    /// Functions that stop between their checks and their writes; see LuaLibrary::begin().
    bool stops_before_writes = false;

    bool is_up() const { return is_up_; }
    const std::string& run_id() const { return run_id_; }
    /// How often a replica has become the primary.
    std::int64_t failovers() const { return failovers_; }
    /// Null: nobody listens, or `process` is cut off.
    SharedLink connect(const std::string& process, Link::OnClosed on_closed);
    void send(const SharedLink& link, Command command, OnReply on_reply);
    void subscribe(const SharedLink& link, const std::string& channel, std::function<void()> on_subscribed);
    /// Ends the connection; each request under way arrives or is lost with it.
    void cut(const SharedLink& link, bool is_heard);

    // Misfortunes.
    /// kill -9: what the turn that runs has not fsynced is lost, all or its newest part. Comes back by itself.
    void crash();
    /// A replica that lacks the newest `units` of writes becomes the primary.
    void fail_over(std::int64_t units);
    /// Is what `other` is now, with its run_id and no client: `other` is about to become another one.
    void live_on_as(const RedisServer& other);
    /// Its data is dropped, and its clients are sent away; it does not come back by itself.
    void demote();
    /// Comes back without its files.
    void lose_volume();
    /// Somebody empties it while it runs.
    void flush_all();
    void cut_off(const std::string& process, std::int64_t for_us);
    void cut_one_link();
    /// `act` happens when the next call of a function whose name begins so comes in, right before it is carried out: its
    /// caller has looked at something, and decided by that.
    void before_next(std::string function, std::function<void()> act) {
        awaited_ = std::move(function);
        before_awaited_ = std::move(act);
    }
    /// Messages take longer for a while.
    void slow_down(std::int64_t for_us);
    /// The server's clock jumps.
    void shift_clock(std::int64_t by_us) { clock_us_ += by_us; }
    std::int64_t now_us() const;
    /// Somebody adds to a number in a hash by hand.
    void falsify(const std::string& key, const std::string& field, std::int64_t by);

private:
    struct Output {
        SharedLink link;
        Reply reply;
        OnReply on_reply;
    };
    struct Blocked {
        SharedLink link;
        Command command;
        OnReply on_reply;
        std::uint64_t number;
    };

    std::int64_t delay_us();
    void arrive(const SharedLink& link, const Command& command, const OnReply& on_reply);
    Reply execute(const Command& command);
    Reply call_function(const Command& command);
    void call_in_two(const SharedLink& link, const Command& command, const OnReply& on_reply);
    void publish(const std::string& channel, const std::string& payload);
    void block(const SharedLink& link, const Command& command, const OnReply& on_reply);
    void wake_blocked();
    void answer(const SharedLink& link, Reply reply, const OnReply& on_reply);
    void begin_turn();
    void end_turn();
    void close_all(bool is_heard);
    void stop();
    void go_down(std::int64_t for_us);
    void changed(const Command& command, const Reply& reply);

    World& world_;
    LuaLibrary& library_;
    bool is_up_ = true;
    std::string run_id_;
    std::int64_t failovers_ = 0;
    std::uint64_t life_ = 1;
    std::int64_t clock_us_ = 0;
    std::int64_t slow_until_us_ = 0;
    std::vector<std::weak_ptr<Link>> links_;
    std::vector<Output> outputs_;
    std::vector<Blocked> blocked_;
    std::uint64_t next_blocked_ = 0;
    bool is_in_turn_ = false;
    std::size_t unsynced_units_ = 0;
    std::vector<std::pair<std::string, std::int64_t>> cut_off_;
    std::string awaited_;
    std::function<void()> before_awaited_;
};

}  // namespace livefair::sim
