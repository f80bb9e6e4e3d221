#include <csignal>
#include <map>

#include "redis/client.hpp"
#include "redis/subscriber.hpp"
#include "support/catch.hpp"
#include "support/redis_cluster.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using redis::Client;

namespace {

/// A client and a subscriber of a cluster, on one loop.
struct Fixture {
    explicit Fixture(redis::Options options)
        : client(context.get_executor(), options),
          subscriber(
              context.get_executor(), options,
              [this](const std::string& channel, const std::string& payload) { messages[channel] += payload; },
              [this](const std::string& channel) { ++subscribed[channel]; }, [this](const std::string& channel) { ++lost[channel]; }) {
        client.start();
        subscriber.start();
    }
    Result<redis::Reply> command(Client::Command command) { return test::run_task(context, client.command(std::move(command))); }
    /// The reply's text, or the error's name.
    std::string text_of(Client::Command words) {
        const auto reply = command(std::move(words));
        return reply ? reply->text : std::string(to_string(to_errc(reply.error())));
    }

    std::map<std::string, std::string> messages;
    std::map<std::string, int> subscribed, lost;
    net::asio::io_context context{1};
    Client client;
    redis::Subscriber subscriber;
};

/// Keys of three slots, one at each primary.
const std::array<std::string, 3> keys = {"{b}:k", "{c}:k", "{a}:k"};

/// Runs the loop until `f`, which may run it too, is true.
bool until(const std::function<bool()>& f, std::chrono::seconds patience = 20s) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!f())
        if (std::chrono::steady_clock::now() > end) return false;
    return true;
}

}  // namespace

TEST_CASE("keys and channels of a cluster are found where their slots are, also when a primary is killed and when slots move", "[cluster]") {
    test::RedisCluster cluster;
    auto options = cluster.options();
    options.libraries = {"#!lua name=echo\nredis.register_function('put_v1', function(keys, args) return redis.call('SET', keys[1], args[1]) end)"};
    options.replicas_min = 1;
    Fixture f(options);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        REQUIRE(cluster.primary_of(keys[i]) == i);
        f.subscriber.subscribe(keys[i]);
        REQUIRE(f.command({"FCALL", "put_v1", "1", keys[i], "first"}));
    }
    for (const auto& key : keys) {
        CHECK(f.text_of({"GET", key}) == "first");
        REQUIRE(test::run_until(f.context, [&] { return f.subscribed[key] == 1; }));
        REQUIRE(f.command({"SPUBLISH", key, "a"}));
        REQUIRE(test::run_until(f.context, [&] { return f.messages[key] == "a"; }));
    }
    CHECK(f.client.is_connected());
    CHECK(f.command({"MGET", keys[0], keys[1]}).error() == make_error_code(Errc::redis_error));

    // A primary is killed: its keys are unavailable, never wrong, until its replica has taken over; the others' keys go on.
    const auto run_id = f.client.run_id(keys[1]);
    const auto other_run_id = f.client.run_id(keys[0]);
    REQUIRE_FALSE(run_id.empty());
    cluster.server(1).kill9();
    REQUIRE(test::run_until(f.context, [&] { return f.lost[keys[1]] == 1; }));
    CHECK(f.text_of({"GET", keys[0]}) == "first");
    REQUIRE(until([&] { return f.command({"GET", keys[1]}).has_value(); }));
    CHECK(f.text_of({"GET", keys[1]}) == "first");
    // The server that is asked may hear of it a moment later.
    REQUIRE(until([&] { return cluster.primary_of(keys[1]) == 4; }));
    CHECK(f.client.run_id(keys[1]) != run_id);
    CHECK(f.client.run_id(keys[0]) == other_run_id);
    REQUIRE(test::run_until(f.context, [&] { return f.subscribed[keys[1]] == 2; }));
    CHECK(f.subscribed[keys[0]] == 1);
    // Its only replica is the primary now: nobody else has what is written.
    CHECK(f.command({"FCALL", "put_v1", "1", keys[1], "alone"}).error() == make_error_code(Errc::redis_unknown));
    cluster.server(1).restart();
    REQUIRE(until([&] { return f.command({"FCALL", "put_v1", "1", keys[1], "second"}).has_value(); }));
    REQUIRE(f.command({"SPUBLISH", keys[1], "b"}));
    REQUIRE(test::run_until(f.context, [&] { return f.messages[keys[1]] == "ab"; }));

    // Somebody gives a primary's place to its replica: nothing is refused for longer than a moment, nothing is lost.
    CHECK(cluster.ask(3, {"CLUSTER", "FAILOVER"})->text == "OK");
    REQUIRE(until([&] { return cluster.primary_of(keys[0]) == 3; }));
    REQUIRE(until([&] { return f.command({"FCALL", "put_v1", "1", keys[0], "second"}).has_value(); }));
    REQUIRE(until([&] {
        f.messages[keys[0]].clear();
        return f.command({"SPUBLISH", keys[0], "c"}).has_value() && test::run_until(f.context, [&] { return f.messages[keys[0]] == "c"; }, 100ms);
    }));

    // One slot moves: a key that has gone already is asked for with ASK, the rest by MOVED.
    const auto slot = std::to_string(redis::slot_of_key(keys[2]));
    const auto from = cluster.primary_of(keys[2]), to = cluster.primary_of(keys[1]);
    const auto from_id = cluster.ask(from, {"CLUSTER", "MYID"})->text, to_id = cluster.ask(to, {"CLUSTER", "MYID"})->text;
    REQUIRE(cluster.ask(to, {"CLUSTER", "SETSLOT", slot, "IMPORTING", from_id})->text == "OK");
    REQUIRE(cluster.ask(from, {"CLUSTER", "SETSLOT", slot, "MIGRATING", to_id})->text == "OK");
    // Unknown as long as the replica, which has just come back, is slow to confirm it.
    REQUIRE(until([&] { return f.text_of({"SET", "{a}:new", "asked"}) == "OK"; }));
    CHECK(f.text_of({"GET", "{a}:new"}) == "asked");
    CHECK(f.text_of({"GET", keys[2]}) == "first");
}
