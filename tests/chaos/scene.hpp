#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "chaos/history.hpp"
#include "chaos/shopper.hpp"
#include "redis/client.hpp"
#include "support/namespaces.hpp"
#include "support/postgres_server.hpp"
#include "support/powerloss.hpp"
#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_sentinels.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/wall_clock.hpp"
#include "support/wire.hpp"

namespace livefair::chaos {

/// What one row of the table of faults needs.
struct Plan {
    int buyers = 30;
    std::int64_t stock = 200;  ///< Units of each of two stocks.
    std::int64_t limit = 20;   ///< Of each offer, per buyer.
    std::int64_t hold_ms = 600'000;
    Habits habits;
    int gateways = 0;  ///< Programs with --role gateway; buyers' WebSockets are spread over all programs.
    /// One; or a primary with two replicas and three sentinels, on loopback or on a machine (network namespace) each; or a cluster of six.
    enum class Redis { one, sentinels, machines, cluster };
    Redis redis = Redis::one;
    std::size_t server_machine = 0, gateway_machine = 0;  ///< Where there are machines; the first primary's is 0.
    /// The server reaches Redis, or buyers reach the server, over a wire that can be cut.
    bool wire_to_redis = false, wire_to_server = false;
    bool postgres = false;    ///< The ledger is in a PostgreSQL of the scene's own.
    bool power_loss = false;  ///< Redis and the server run so that their power can be cut.
    bool clock_jumps = false;  ///< The server's wall clock can be set.
    std::vector<std::string> redis_arguments;
    std::map<std::string, std::string> settings;  ///< Of the server: LIVEFAIR_... variables.
};

/// Livefair as people run it, with a show on sale and buyers who do not stop: a real Redis, livefair-server, gateways. The caller's thread plays
/// the faults; buyers live on a thread of their own. Failing steps throw std::runtime_error.
class Scene {
public:
    Scene(Plan plan, History& history, std::uint64_t seed);
    ~Scene();

    /// Puts the show on sale, signs the buyers in and lets them begin.
    void begin();
    /// Lets them come to an end: no new orders, and every order asked for to its final answer. Progress is part of the promise: false when that takes
    /// longer than `patience`.
    bool end(std::chrono::seconds patience = std::chrono::seconds(45));
    /// Waits until so many orders have a final answer (since the begin). Throws after 30 s.
    void wait_answers(std::size_t count);
    /// As many more.
    void wait_more_answers(std::size_t count) { wait_answers(history_.answered() + count); }
    /// Waits until so many more orders are accepted. Throws after 30 s.
    void wait_more_accepted(std::size_t count);

    void start_server();
    void kill_server();
    /// SIGTERM; throws when it does not end with status 0.
    void stop_server();
    test::Process& server() { return *server_; }
    test::PowerLoss& power() { return power_; }
    /// Of the next starts.
    void server_environment(std::map<std::string, std::string> environment) { server_environment_ = std::move(environment); }
    test::RedisServer& redis() { return *redis_; }
    test::RedisSentinels& group() { return *group_; }
    test::RedisCluster& cluster() { return *cluster_; }
    test::PostgresServer& postgres() { return *postgres_; }
    test::WallClock& clock() { return clock_; }
    test::Namespaces& machines() { return *machines_; }
    /// The unix socket of the Redis that counts now; empty for a cluster.
    std::string redis_socket();
    test::Wire& redis_wire() { return *redis_wire_; }
    test::Wire& server_wire() { return *server_wire_; }
    /// GET on the health port: 0 when nobody answers.
    int ready();
    /// Waits until the server says that it is ready; returns how long that took. Throws after `patience`.
    std::chrono::milliseconds wait_ready(std::chrono::seconds patience = std::chrono::seconds(20));
    /// One command to Redis, past every wire. Throws when there is no answer.
    redis::Reply command(redis::Client::Command words);
    /// One request of staff; throws unless the status is below 300.
    void staff(const std::string& method, const std::string& path, const std::string& body);

    void sleep(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }
    /// Of this run's seed.
    std::int64_t random(std::int64_t from, std::int64_t to) { return std::uniform_int_distribution<std::int64_t>(from, to)(random_); }
    void sleep_random(std::int64_t from_ms, std::int64_t to_ms) { sleep(std::chrono::milliseconds(random(from_ms, to_ms))); }

    const Plan& plan() const { return plan_; }
    const Shelf& shelf() const { return shelf_; }
    History& history() { return history_; }
    const test::TemporaryFolder& folder() const { return folder_; }
    /// A file, or PostgreSQL's URL.
    std::string ledger_location() const { return postgres_ ? postgres_->url() : folder_.file("ledger.sqlite3"); }
    /// A copy of the ledger's file as it is now, for a look that changes nothing; its path.
    std::string ledger_copy();
    std::map<std::string, std::string> settings() const;
    /// What the programs have logged.
    std::string logs() const;

private:
    void start_gateways();
    std::unique_ptr<test::Process> start(const std::string& role, std::map<std::string, std::string> environment);
    std::string url_of(std::size_t machine, std::int64_t port) const;
    void put_on_sale();
    void gather();
    template <class T>
    T run(net::Task<T> task);

    Plan plan_;
    History& history_;
    std::mt19937_64 random_;
    test::TemporaryFolder folder_;
    test::PowerLoss power_{{".incr.aof", ".sqlite3", ".sqlite3-wal"}};
    std::map<std::string, std::string> server_environment_;
    std::unique_ptr<test::Namespaces> machines_;
    std::unique_ptr<test::RedisServer> redis_;
    std::unique_ptr<test::RedisSentinels> group_;
    std::unique_ptr<test::RedisCluster> cluster_;
    std::unique_ptr<test::PostgresServer> postgres_;
    test::WallClock clock_;
    std::unique_ptr<test::Wire> redis_wire_, server_wire_;
    std::unique_ptr<test::Process> server_;
    std::vector<std::unique_ptr<test::Process>> gateways_;
    std::vector<std::int64_t> gateway_ports_;
    std::int64_t port_ = 0, health_port_ = 0;
    int starts_ = 0;
    std::string operator_password_, operator_token_;
    Shelf shelf_;

    net::asio::io_context staff_context_{1};  ///< The caller's thread's.
    std::unique_ptr<redis::Client> redis_client_;
    net::asio::io_context crowd_{1};
    net::asio::executor_work_guard<net::asio::io_context::executor_type> crowd_stays_{crowd_.get_executor()};
    std::vector<std::unique_ptr<Shopper>> shoppers_;
    bool closing_ = false, give_up_ = false;  ///< Of the crowd's thread.
    std::atomic<int> shopping_ = 0;
    std::thread crowd_thread_;
};

}  // namespace livefair::chaos
