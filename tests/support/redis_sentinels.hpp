#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {

class Namespaces;

/// One server of the group: a real redis-server on a unix socket and a port, with a copy of config/redis.conf, which sentinels make it rewrite.
class GroupServer {
public:
    /// `prefix`: the program that starts it ("ip netns exec ...").
    GroupServer(std::vector<std::string> prefix, std::vector<std::string> arguments);
    std::string socket() const { return folder_.file("redis.sock"); }
    /// kill -9, and waits until it is gone.
    void kill9();
    /// Starts it, on the same folder, socket and port as before.
    void start();

private:
    TemporaryFolder folder_;
    std::vector<std::string> command_;
    std::unique_ptr<Process> process_;
};

/// A real Redis with two replicas and three sentinels, which make a replica the primary within about 3 s of the primary's end. Server 0 is the
/// primary at first. Ready when constructed: both replicas are in step, and the sentinels know each other.
class RedisSentinels {
public:
    /// On loopback, or one server and one sentinel on each of the machines. `arguments`: of each server.
    explicit RedisSentinels(const Namespaces* machines = nullptr, std::vector<std::string> arguments = {});

    static constexpr std::size_t count = 3;
    /// For the configuration (redis.host).
    std::string url() const;
    /// Options for a client of this group.
    redis::Options options() const;
    GroupServer& server(std::size_t index) { return *servers_.at(index); }
    /// One command by the unix socket, past every network. Errors: those of Client::call().
    Result<redis::Reply> ask(std::size_t index, redis::Client::Command command);
    /// As two of three sentinels see it. Throws when there is none.
    std::size_t primary();
    /// Servers that say of themselves that they are primaries.
    std::vector<std::size_t> primaries();

private:
    std::string address(std::size_t machine) const;
    void start_sentinel(std::size_t index);
    std::string said_by_sentinel(std::size_t index);

    const Namespaces* machines_;
    std::vector<std::uint16_t> ports_, sentinel_ports_;
    std::vector<std::unique_ptr<GroupServer>> servers_;
    TemporaryFolder folder_;
    std::vector<std::unique_ptr<Process>> sentinels_;
    net::asio::io_context context_;
    std::vector<std::unique_ptr<redis::Client>> clients_;
};

}  // namespace livefair::test
