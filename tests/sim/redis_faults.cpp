// What happens to the model Redis and its connections.
#include "sim/redis_server.hpp"

namespace livefair::sim {

void RedisServer::cut(const SharedLink& link, bool is_heard) {
    if (!std::exchange(link->is_open, false)) return;
    link->is_heard = is_heard;
    std::erase_if(blocked_, [&](const auto& each) { return each.link == link; });
    // The other end hears of it a little later.
    world_.after_us(world_.random.between(10, 20'000), [link] {
        if (!link->on_closed) return false;
        std::exchange(link->on_closed, {})();
        return true;
    });
}

void RedisServer::close_all(bool is_heard) {
    for (const auto& weak : std::exchange(links_, {})) {
        if (const auto link = weak.lock()) cut(link, is_heard);
    }
}

void RedisServer::stop() {
    is_up_ = false;
    ++life_;
    is_in_turn_ = false;
    unsynced_units_ = 0;
    outputs_.clear();
    blocked_.clear();
    close_all(false);
}

void RedisServer::go_down(std::int64_t for_us) {
    stop();
    world_.after_us(for_us, [this, life = life_] {
        if (life != life_) return false;
        is_up_ = true;
        run_id_ = "redis-" + std::to_string(life_);
        world_.trace("Redis is back as " + run_id_);
        return true;
    });
}

void RedisServer::crash() {
    if (!is_up_) return;
    // The kernel may have had a part of what was not fsynced; never a later part without the earlier one.
    const auto lost = unsynced_units_ == 0 ? 0 : world_.random.between(0, static_cast<std::int64_t>(unsynced_units_));
    world_.trace("Redis crashes and loses " + std::to_string(lost) + " units that were not fsynced");
    data.take_back(static_cast<std::size_t>(lost));
    if (on_change) on_change({"(crash)"}, {});
    go_down(world_.random.between(10'000, 600'000));
}

void RedisServer::fail_over(std::int64_t units) {
    if (!is_up_) return;
    world_.trace("Redis fails over to a replica that lacks " + std::to_string(units) + " units");
    data.take_back(static_cast<std::size_t>(units));
    ++failovers_;
    if (on_change) on_change({"(failover)"}, {});
    go_down(world_.random.between(10'000, 600'000));
}

void RedisServer::live_on_as(const RedisServer& other) {
    data.copy(other.data);
    run_id_ = other.run_id_;
    failovers_ = other.failovers_;
    clock_us_ = other.clock_us_;
    is_up_ = true;
    ++life_;
}

void RedisServer::demote() {
    stop();
    data.clear();
}

void RedisServer::lose_volume() {
    if (!is_up_) return;
    world_.trace("Redis loses its volume");
    data.clear();
    if (on_change) on_change({"(volume lost)"}, {});
    go_down(world_.random.between(10'000, 600'000));
}

void RedisServer::flush_all() {
    if (!is_up_) return;
    world_.trace("FLUSHALL");
    data.clear();
    unsynced_units_ = 0;
    if (on_change) on_change({"FLUSHALL"}, {});
}

void RedisServer::cut_off(const std::string& process, std::int64_t for_us) {
    world_.trace(process + " is cut off from Redis");
    cut_off_.emplace_back(process, world_.now_us() + for_us);
    for (const auto& weak : links_) {
        const auto link = weak.lock();
        if (link && link->process == process) cut(link, world_.random.one_in(2));
    }
}

void RedisServer::cut_one_link() {
    std::vector<SharedLink> open;
    for (const auto& weak : links_) {
        const auto link = weak.lock();
        if (link && link->is_open) open.push_back(link);
    }
    if (open.empty()) return;
    const auto& link = world_.random.pick(open);
    world_.trace("a connection of " + link->process + " is cut");
    cut(link, world_.random.one_in(2));
}

void RedisServer::slow_down(std::int64_t for_us) {
    world_.trace("the network is slow");
    slow_until_us_ = world_.now_us() + for_us;
}

void RedisServer::falsify(const std::string& key, const std::string& field, std::int64_t by) {
    if (!is_up_) return;
    begin_turn();
    changed({"(falsified)"}, data.execute({"HINCRBY", key, field, std::to_string(by)}, now_us()));
}

}  // namespace livefair::sim
