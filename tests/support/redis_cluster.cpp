#include "support/redis_cluster.hpp"

#include <stdexcept>

#include "support/ports.hpp"
#include "support/run_task.hpp"

namespace livefair::test {
namespace {

constexpr std::chrono::seconds patience{20};

}  // namespace

RedisCluster::RedisCluster() {
    // Somebody else may take a port in the moment between.
    for (int attempt = 0; servers_.size() < count; ++attempt) {
        try {
            start_servers();
        } catch (const std::runtime_error&) {
            if (attempt == 3) throw;
            servers_.clear();
        }
    }
    make_cluster();
}

void RedisCluster::start_servers() {
    auto ports = free_ports(2 * count);
    bus_ports_.assign(ports.begin() + count, ports.end());
    ports.resize(count);
    ports_ = ports;
    for (std::size_t i = 0; i < count; ++i)
        servers_.push_back(std::make_unique<RedisServer>(std::vector<std::string>{
            "--port", std::to_string(ports_[i]), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", std::to_string(bus_ports_[i]),
            "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0"}));
}

void RedisCluster::make_cluster() {
    for (const auto& server : servers_) {
        clients_.push_back(std::make_unique<redis::Client>(context_.get_executor(), server->options()));
        clients_.back()->start();
    }
    constexpr int slots = 16384;
    for (std::size_t i = 0; i < count; ++i) {
        must(i, {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
        if (i < primaries)
            must(i, {"CLUSTER", "ADDSLOTSRANGE", std::to_string(slots * i / primaries), std::to_string(slots * (i + 1) / primaries - 1)});
        if (i > 0) must(0, {"CLUSTER", "MEET", "127.0.0.1", std::to_string(ports_[i]), std::to_string(bus_ports_[i])});
    }
    for (std::size_t i = primaries; i < count; ++i) {
        const auto id = id_of(i - primaries);
        const auto joined = eventually([&] { return ask(i, {"CLUSTER", "REPLICATE", id})->text == "OK"; }, patience);
        if (!joined) throw std::runtime_error("a replica knows nothing of its primary");
    }
    const auto says = [this](std::size_t index, redis::Client::Command command, const std::string& text) {
        const auto reply = ask(index, std::move(command));
        return reply && reply->text.find(text) != std::string::npos;
    };
    for (std::size_t i = 0; i < count; ++i) {
        const bool whole = eventually(
            [&] {
                return says(i, {"CLUSTER", "INFO"}, "cluster_state:ok") && says(i, {"CLUSTER", "INFO"}, "cluster_known_nodes:6") &&
                       (i < primaries ? says(i, {"INFO", "replication"}, "state=online") : says(i, {"INFO", "replication"}, "master_link_status:up"));
            },
            patience);
        if (!whole) throw std::runtime_error("the cluster did not come together");
    }
}

std::string RedisCluster::some_nodes() const {
    return "127.0.0.1:" + std::to_string(ports_[0]) + ",127.0.0.1:" + std::to_string(ports_[4]);
}

redis::Options RedisCluster::options() const {
    redis::Options options;
    for (const std::size_t i : {0, 4}) options.cluster_nodes.push_back({"127.0.0.1", ports_[i]});
    return options;
}

std::size_t RedisCluster::primary_of(const std::string& key) {
    const auto slot = redis::slot_of_key(key);
    for (std::size_t asked = 0; asked < count; ++asked) {
        const auto slots = ask(asked, {"CLUSTER", "SLOTS"});
        if (!slots) continue;
        for (const auto& range : slots->items) {
            if (range.items.at(0).integer > slot || range.items.at(1).integer < slot) continue;
            for (std::size_t i = 0; i < count; ++i)
                if (ports_[i] == range.items.at(2).items.at(1).integer) return i;
        }
    }
    throw std::runtime_error("nobody has the slot of " + key);
}

std::string RedisCluster::id_of(std::size_t index) {
    const auto id = ask(index, {"CLUSTER", "MYID"});
    if (!id) throw std::runtime_error("no id of a server of the cluster");
    return id->text;
}

bool RedisCluster::is_primary(std::size_t index) {
    const auto role = ask(index, {"ROLE"});
    return role && !role->items.empty() && role->items[0].text == "master";
}

std::size_t RedisCluster::move_slot_of(const std::string& key) {
    const auto slot = std::to_string(redis::slot_of_key(key));
    const auto from = primary_of(key);
    std::size_t to = 0;
    while (to < count && (to == from || !is_primary(to))) ++to;
    if (to == count) throw std::runtime_error("there is no other primary");
    must(to, {"CLUSTER", "SETSLOT", slot, "IMPORTING", id_of(from)});
    must(from, {"CLUSTER", "SETSLOT", slot, "MIGRATING", id_of(to)});
    move_keys(slot, from, to);
    // The new one first: nobody is sent to one that does not know yet.
    const auto id = id_of(to);
    must(to, {"CLUSTER", "SETSLOT", slot, "NODE", id});
    for (std::size_t i = 0; i < count; ++i)
        if (i != to && is_primary(i)) must(i, {"CLUSTER", "SETSLOT", slot, "NODE", id});
    return to;
}

/// A few keys at a time, until the slot stays empty: commands on keys of both servers meet TRYAGAIN meanwhile.
void RedisCluster::move_keys(const std::string& slot, std::size_t from, std::size_t to) {
    const auto left = [&] { return ask(from, {"CLUSTER", "GETKEYSINSLOT", slot, "10"}); };
    for (auto keys = left(); !keys || !keys->items.empty(); keys = left()) {
        if (!keys) throw std::runtime_error("a server of the cluster does not answer");
        redis::Client::Command migrate{"MIGRATE", "127.0.0.1", std::to_string(ports_[to]), "", "0", "2000", "KEYS"};
        for (const auto& key : keys->items) migrate.push_back(key.text);
        must(from, std::move(migrate));
    }
}

Result<redis::Reply> RedisCluster::ask(std::size_t index, redis::Client::Command command) {
    return run_task(context_, clients_.at(index)->call(std::move(command), std::chrono::seconds(2)));
}

void RedisCluster::must(std::size_t index, redis::Client::Command command) {
    const auto name = command.at(0) + " " + command.at(1);
    const auto reply = ask(index, std::move(command));
    if (!reply || reply->is_error()) throw std::runtime_error(name + ": " + (reply ? reply->text : reply.error().message()));
}

}  // namespace livefair::test
