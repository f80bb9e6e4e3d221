#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "support/redis_server.hpp"

namespace livefair::test {

/// A real Redis Cluster: six redis-servers on loopback, three primaries (0 to 2) with a third of the slots and one replica (3 to 5) each, which
/// takes over within about 3 s of its primary's end. Ready when constructed.
class RedisCluster {
public:
    RedisCluster();

    /// Two of its servers as "host:port,host:port", for the configuration.
    std::string some_nodes() const;
    redis::Options options() const;
    RedisServer& server(std::size_t index) { return *servers_.at(index); }
    /// Who has the slot of `key` now.
    std::size_t primary_of(const std::string& key);
    /// Gives the slot of `key` to another primary, key by key while everybody goes on, as redis-cli --cluster reshard does. Returns the new one.
    std::size_t move_slot_of(const std::string& key);
    /// Sends a command to one server, whatever it has. Errors: as redis::Client::call().
    Result<redis::Reply> ask(std::size_t index, redis::Client::Command command);

private:
    static constexpr std::size_t primaries = 3, count = 6;
    void start_servers();
    void make_cluster();
    void must(std::size_t index, redis::Client::Command command);
    std::string id_of(std::size_t index);
    bool is_primary(std::size_t index);
    void move_keys(const std::string& slot, std::size_t from, std::size_t to);

    net::asio::io_context context_{1};
    std::vector<std::uint16_t> ports_, bus_ports_;
    std::vector<std::unique_ptr<RedisServer>> servers_;
    std::vector<std::unique_ptr<redis::Client>> clients_;
};

}  // namespace livefair::test
