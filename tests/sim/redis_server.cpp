#include "sim/redis_server.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace livefair::sim {

namespace {

constexpr std::int64_t epoch_us = 1'782'800'000'000'000;

std::optional<std::int64_t> block_ms(const Command& command) {
    for (std::size_t i = 1; i + 1 < command.size(); i += 2) {
        if (command[i] == "BLOCK") return std::stoll(command[i + 1]);
        if (command[i] == "STREAMS") break;
    }
    return std::nullopt;
}

}  // namespace

RedisServer::RedisServer(World& world, LuaLibrary& library) : world_(world), library_(library), run_id_("redis-1") {}

std::int64_t RedisServer::now_us() const {
    return epoch_us + world_.now_us() + clock_us_;
}

std::int64_t RedisServer::delay_us() {
    if (world_.now_us() < slow_until_us_ && world_.random.one_in(3)) return world_.random.between(1'000, 1'800'000);
    return world_.random.one_in(20) ? world_.random.between(1'000, 40'000) : world_.random.between(30, 900);
}

SharedLink RedisServer::connect(const std::string& process, Link::OnClosed on_closed) {
    const auto is_cut = [&](const auto& each) { return each.first == process && each.second > world_.now_us(); };
    if (!is_up_ || std::any_of(cut_off_.begin(), cut_off_.end(), is_cut)) return nullptr;
    auto link = std::make_shared<Link>();
    link->process = process;
    link->on_closed = std::move(on_closed);
    std::erase_if(links_, [](const auto& each) { return each.expired(); });
    links_.push_back(link);
    return link;
}

void RedisServer::send(const SharedLink& link, Command command, OnReply on_reply) {
    link->up_free_us = std::max(link->up_free_us, world_.now_us() + delay_us());
    const auto life = life_;
    world_.after_us(link->up_free_us - world_.now_us(), [this, link, command = std::move(command),
                                                         on_reply = std::move(on_reply), life] {
        if (life != life_ || !link->is_heard) return false;
        arrive(link, command, on_reply);
        return true;
    });
}

void RedisServer::subscribe(const SharedLink& link, const std::string& channel, std::function<void()> on_subscribed) {
    link->up_free_us = std::max(link->up_free_us, world_.now_us() + delay_us());
    const auto life = life_;
    world_.after_us(link->up_free_us - world_.now_us(), [this, link, channel, on_subscribed = std::move(on_subscribed), life] {
        if (life != life_ || !link->is_open) return false;
        link->channels.insert(channel);
        begin_turn();
        outputs_.push_back({link, {}, [on_subscribed](const Reply&) { on_subscribed(); }});
        return true;
    });
}

void RedisServer::arrive(const SharedLink& link, const Command& command, const OnReply& on_reply) {
    if (before_awaited_ && command[0] == "FCALL" && command[1].starts_with(awaited_)) {
        const auto life = life_;
        std::exchange(before_awaited_, {})();
        if (life != life_ || !link->is_heard) return;
    }
    begin_turn();
    if (stops_before_writes && command[0] == "FCALL") return call_in_two(link, command, on_reply);
    auto reply = execute(command);
    if (reply.is_nil() && command[0] == "XREAD" && block_ms(command)) return block(link, command, on_reply);
    answer(link, std::move(reply), on_reply);
}

void RedisServer::answer(const SharedLink& link, Reply reply, const OnReply& on_reply) {
    begin_turn();
    outputs_.push_back({link, std::move(reply), on_reply});
}

Reply RedisServer::execute(const Command& command) {
    Reply reply;
    const auto& name = command[0];
    if (name == "FCALL" || name == "FCALL_RO") {
        reply = call_function(command);
    } else if (name == "SPUBLISH") {
        publish(command.at(1), command.at(2));
        reply = {Reply::Kind::integer, {}, 1, {}};
    } else {
        reply = data.execute(command, now_us());
    }
    changed(command, reply);
    return reply;
}

Reply RedisServer::call_function(const Command& command) {
    const auto keys = std::stoull(command.at(2));
    LF_CHECK(command.size() >= 3 + keys);
    const auto first_arg = command.begin() + 3 + static_cast<std::ptrdiff_t>(keys);
    return library_.call(command[1], {command.begin() + 3, first_arg}, {first_arg, command.end()},
                         [this](const Command& inner) { return data.execute(inner, now_us()); });
}

void RedisServer::call_in_two(const SharedLink& link, const Command& command, const OnReply& on_reply) {
    const auto keys = std::stoull(command.at(2));
    const auto first_arg = command.begin() + 3 + static_cast<std::ptrdiff_t>(keys);
    const auto run = [this](const Command& inner) { return data.execute(inner, now_us()); };
    const auto done = [this, link, command, on_reply](Reply reply) {
        changed(command, reply);
        answer(link, std::move(reply), on_reply);
    };
    const auto stopped = library_.begin(command[1], {command.begin() + 3, first_arg}, {first_arg, command.end()}, run, done);
    if (!stopped) return;
    world_.after_us(world_.random.between(10, 3000), [this, stopped, run, done, life = life_] {
        if (life != life_) return false;
        library_.resume(stopped, run, done);
        return true;
    });
}

void RedisServer::changed(const Command& command, const Reply& reply) {
    if (data.end_unit()) ++unsynced_units_;
    if (on_change) on_change(command, reply);
    wake_blocked();
}

void RedisServer::publish(const std::string& channel, const std::string& payload) {
    for (const auto& weak : links_) {
        const auto link = weak.lock();
        if (!link || !link->is_open || !link->channels.contains(channel)) continue;
        outputs_.push_back({link, {}, [link, channel, payload](const Reply&) {
                                if (link->on_message) link->on_message(channel, payload);
                            }});
    }
}

void RedisServer::block(const SharedLink& link, const Command& command, const OnReply& on_reply) {
    const auto number = next_blocked_++;
    blocked_.push_back({link, command, on_reply, number});
    world_.after_us(*block_ms(command) * 1000, [this, number, life = life_] {
        const auto found = std::find_if(blocked_.begin(), blocked_.end(), [&](const auto& each) { return each.number == number; });
        if (life != life_ || found == blocked_.end()) return false;
        const auto waiting = *found;
        blocked_.erase(found);
        answer(waiting.link, {}, waiting.on_reply);
        return true;
    });
}

void RedisServer::wake_blocked() {
    for (auto it = blocked_.begin(); it != blocked_.end();) {
        auto reply = data.execute(it->command, now_us());
        if (reply.is_nil()) {
            ++it;
            continue;
        }
        const auto waiting = *it;
        it = blocked_.erase(it);
        answer(waiting.link, std::move(reply), waiting.on_reply);
    }
}

void RedisServer::begin_turn() {
    if (std::exchange(is_in_turn_, true)) return;
    world_.after_us(world_.random.one_in(3) ? world_.random.between(0, 1500) : 0, [this, life = life_] {
        if (life != life_) return false;
        end_turn();
        return true;
    });
}

/// fsync, then the replies.
void RedisServer::end_turn() {
    is_in_turn_ = false;
    unsynced_units_ = 0;
    for (auto& output : std::exchange(outputs_, {})) {
        auto& link = *output.link;
        link.down_free_us = std::max(link.down_free_us, world_.now_us() + delay_us());
        world_.after_us(link.down_free_us - world_.now_us(),
                        [link = output.link, reply = std::move(output.reply), on_reply = std::move(output.on_reply)] {
                            if (!link->is_open) return false;
                            on_reply(reply);
                            return true;
                        });
    }
}

}  // namespace livefair::sim
