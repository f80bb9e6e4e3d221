#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "redis/client.hpp"
#include "redis/subscriber.hpp"
#include "support/ports.hpp"
#include "support/redis_sentinels.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using test::RedisSentinels;
using test::run_task;
using test::run_until;
using namespace std::chrono_literals;

namespace {

Result<redis::Reply> ask(net::asio::io_context& io, redis::Client& client, redis::Client::Command command) {
    return run_task(io, client.call(std::move(command), 1s));
}

bool is_done(net::asio::io_context& io, redis::Client& client, const redis::Client::Command& command) {
    const auto reply = ask(io, client, command);
    return reply && !reply->is_error();
}

/// A server that becomes another one's replica drops its clients first.
bool has(RedisSentinels& group, std::size_t server, const std::string& value) {
    return test::eventually([&] {
        const auto got = group.ask(server, {"GET", "key"});
        return got && got->text == value;
    });
}

}  // namespace

TEST_CASE("client and subscriber find the primary by the sentinels' word, and find the next one when it dies", "[sentinel]") {
    RedisSentinels group;
    net::asio::io_context io;
    redis::Client client(io.get_executor(), group.options());
    std::string heard;
    int subscribed = 0;
    redis::Subscriber subscriber(
        io.get_executor(), group.options(), [&](const std::string&, const std::string& payload) { heard = payload; }, [&](const std::string&) { ++subscribed; });
    client.start();
    subscriber.start();
    subscriber.subscribe("news");
    REQUIRE(is_done(io, client, {"SET", "key", "1"}));
    REQUIRE(run_until(io, [&] { return subscribed == 1; }));
    const auto first = client.run_id("key");
    REQUIRE(has(group, 0, "1"));

    group.server(0).kill9();
    REQUIRE(test::eventually([&] { return is_done(io, client, {"SET", "key", "2"}); }, 15s));
    CHECK(client.run_id("key") != first);
    const auto primary = group.primary();
    CHECK(primary != 0);
    CHECK(has(group, primary, "2"));
    REQUIRE(run_until(io, [&] { return subscribed >= 2; }));
    REQUIRE(is_done(io, client, {"SPUBLISH", "news", "hello"}));
    CHECK(run_until(io, [&] { return heard == "hello"; }));

    // The old primary comes back as one, until the sentinels have seen it: nobody goes there.
    group.server(0).start();
    REQUIRE(run_until(io, [&] { return group.primaries().size() == 1; }, 15s));
    REQUIRE(is_done(io, client, {"SET", "key", "3"}));
    CHECK(has(group, group.primary(), "3"));
    client.stop();
    subscriber.stop();
}

TEST_CASE("a primary that is made a replica under its clients is not written to until it is one again", "[sentinel]") {
    RedisSentinels group;
    net::asio::io_context io;
    redis::Client client(io.get_executor(), group.options());
    client.start();
    REQUIRE(is_done(io, client, {"SET", "key", "1"}));
    // A replica of nobody: it says READONLY before any sentinel knows.
    REQUIRE(group.ask(0, {"REPLICAOF", "127.0.0.1", "1"})->text == "OK");
    const auto refused = ask(io, client, {"SET", "key", "lost"});
    CHECK_FALSE((refused && !refused->is_error()));
    CHECK(group.ask(0, {"GET", "key"})->text == "1");
    REQUIRE(group.ask(0, {"REPLICAOF", "NO", "ONE"})->text == "OK");
    REQUIRE(test::eventually([&] { return is_done(io, client, {"SET", "key", "2"}); }, 10s));
    CHECK(group.ask(0, {"GET", "key"})->text == "2");
    client.stop();
}

TEST_CASE("without a sentinel that answers there is no primary, and commands fail in time", "[sentinel]") {
    net::asio::io_context io;
    const auto ports = test::free_ports(2);
    redis::Options options;
    options.host = "sentinel://127.0.0.1:" + std::to_string(ports[0]) + ",127.0.0.1:" + std::to_string(ports[1]) + "/livefair";
    redis::Client client(io.get_executor(), options);
    client.start();
    const auto reply = ask(io, client, {"PING"});
    REQUIRE_FALSE(reply);
    CHECK(reply.error() == Errc::redis_unavailable);
    CHECK_FALSE(client.is_connected());
    client.stop();
}
