#include "support/redis_sentinels.hpp"

#include <signal.h>

#include <filesystem>
#include <stdexcept>

#include "support/namespaces.hpp"
#include "support/ports.hpp"
#include "support/run_task.hpp"

namespace livefair::test {
namespace {

constexpr std::chrono::seconds patience{20};

}  // namespace

GroupServer::GroupServer(std::vector<std::string> prefix, std::vector<std::string> arguments) : command_(std::move(prefix)) {
    const auto config = folder_.path() / "redis.conf";
    std::filesystem::copy_file(LIVEFAIR_SOURCE_DIR "/config/redis.conf", config);
    command_.insert(command_.end(), {"redis-server", config.string(), "--unixsocket", socket(), "--dir", folder_.path().string(), "--save", ""});
    command_.insert(command_.end(), arguments.begin(), arguments.end());
    start();
}

void GroupServer::start() { process_ = std::make_unique<Process>(Process::Options{command_, {}, folder_.file("redis.log"), {}}); }

void GroupServer::kill9() {
    process_->signal(SIGKILL);
    process_->wait(std::chrono::seconds(10));
}

RedisSentinels::RedisSentinels(const Namespaces* machines, std::vector<std::string> arguments) : machines_(machines) {
    auto ports = free_ports(2 * count);
    sentinel_ports_.assign(ports.begin() + count, ports.end());
    ports.resize(count);
    ports_ = ports;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::string> all{"--port", std::to_string(ports_[i]), "--bind", address(i), "--protected-mode", "no", "--repl-diskless-sync-delay", "0",
                                     "--replica-announce-ip", address(i), "--repl-timeout", "10", "--repl-ping-replica-period", "1"};
        if (i > 0) all.insert(all.end(), {"--replicaof", address(0), std::to_string(ports_[0])});
        all.insert(all.end(), arguments.begin(), arguments.end());
        servers_.push_back(std::make_unique<GroupServer>(machines_ ? machines_->prefix(i) : std::vector<std::string>(), all));
        redis::Options options;
        options.socket = servers_.back()->socket();
        clients_.push_back(std::make_unique<redis::Client>(context_.get_executor(), options));
        clients_.back()->start();
    }
    for (std::size_t i = 1; i < count; ++i) {
        const auto in_step = [&] {
            const auto info = ask(i, {"INFO", "replication"});
            return info && info->text.find("master_link_status:up") != std::string::npos;
        };
        if (!eventually(in_step, patience)) throw std::runtime_error("a replica does not follow its primary");
    }
    for (std::size_t i = 0; i < count; ++i) start_sentinel(i);
    for (std::size_t i = 0; i < count; ++i) {
        const auto knows_all = [&] {
            const auto said = said_by_sentinel(i);
            return said.find("num-other-sentinels 2 ") != std::string::npos && said.find("num-slaves 2 ") != std::string::npos;
        };
        if (!eventually(knows_all, patience)) throw std::runtime_error("the sentinels do not find each other: " + sentinels_[i]->output());
    }
}

std::string RedisSentinels::address(std::size_t machine) const { return machines_ ? machines_->address(machine) : "127.0.0.1"; }

void RedisSentinels::start_sentinel(std::size_t index) {
    const auto file = folder_.file("sentinel" + std::to_string(index) + ".conf");
    write_file(file, "port " + std::to_string(sentinel_ports_[index]) + "\nbind " + address(index) + "\nprotected-mode no\nsentinel announce-ip " + address(index) +
                         "\nunixsocket " + folder_.file("sentinel" + std::to_string(index)) + "\nsentinel monitor livefair " + address(0) + " " + std::to_string(ports_[0]) +
                         " 2\nsentinel down-after-milliseconds livefair 1000\nsentinel failover-timeout livefair 5000\nsentinel parallel-syncs livefair 2\n");
    Process::Options options;
    if (machines_) options.command = machines_->prefix(index);
    options.command.insert(options.command.end(), {"redis-server", file, "--sentinel"});
    options.output_file = folder_.file("sentinel" + std::to_string(index) + ".log");
    sentinels_.push_back(std::make_unique<Process>(std::move(options)));
}

std::string RedisSentinels::said_by_sentinel(std::size_t index) {
    redis::Options options;
    options.socket = folder_.file("sentinel" + std::to_string(index));
    redis::Client client(context_.get_executor(), options);
    client.start();
    const auto reply = run_task(context_, client.call({"SENTINEL", "MASTER", "livefair"}, std::chrono::seconds(2)));
    client.stop();
    std::string text;
    if (reply)
        for (const auto& item : reply->items) text += item.text + " ";
    return text;
}

std::string RedisSentinels::url() const {
    std::string all = "sentinel://";
    for (std::size_t i = 0; i < count; ++i) all += (i > 0 ? "," : "") + address(i) + ":" + std::to_string(sentinel_ports_[i]);
    return all + "/livefair";
}

redis::Options RedisSentinels::options() const {
    redis::Options options;
    options.host = url();
    return options;
}

Result<redis::Reply> RedisSentinels::ask(std::size_t index, redis::Client::Command command) {
    return run_task(context_, clients_.at(index)->call(std::move(command), std::chrono::seconds(2)));
}

std::size_t RedisSentinels::primary() {
    for (std::size_t i = 0; i < count; ++i) {
        const auto me = "ip " + address(i) + " port " + std::to_string(ports_[i]) + " ";
        std::size_t votes = 0;
        for (std::size_t j = 0; j < count; ++j) votes += said_by_sentinel(j).find(me) != std::string::npos ? 1 : 0;
        if (votes >= 2) return i;
    }
    throw std::runtime_error("the sentinels do not agree on a primary");
}

std::vector<std::size_t> RedisSentinels::primaries() {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < count; ++i) {
        const auto role = ask(i, {"ROLE"});
        if (role && !role->items.empty() && role->items[0].text == "master") found.push_back(i);
    }
    return found;
}

}  // namespace livefair::test
