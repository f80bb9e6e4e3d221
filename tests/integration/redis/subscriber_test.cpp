#include "redis/subscriber.hpp"

#include <map>

#include "support/catch.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace std::chrono_literals;

namespace {

/// A subscriber and a client that publishes, on one loop.
struct Fixture {
    explicit Fixture(redis::Options options)
        : client(context.get_executor(), options),
          subscriber(
              context.get_executor(), options,
              [this](const std::string& channel, const std::string& payload) { messages.push_back(channel + ' ' + payload); },
              [this](const std::string& channel) { ++subscribed[channel]; }) {
        client.start();
        subscriber.start();
    }
    bool publish(const std::string& channel, const std::string& payload) {
        return test::run_task(context, client.command({"SPUBLISH", channel, payload})).has_value();
    }
    bool is_subscribed(const std::string& channel, int times) {
        return test::run_until(context, [&] { return subscribed[channel] >= times; });
    }

    std::vector<std::string> messages;
    std::map<std::string, int> subscribed;
    net::asio::io_context context{1};
    redis::Client client;
    redis::Subscriber subscriber;
};

}  // namespace

TEST_CASE("messages of a channel arrive from its subscription to its end", "[redis][subscriber]") {
    test::RedisServer server;
    Fixture f(server.options());
    f.subscriber.subscribe("{r1}:events");
    REQUIRE(f.is_subscribed("{r1}:events", 1));
    const std::string binary("\0\r\n", 3);
    REQUIRE(f.publish("{r1}:events", binary));
    REQUIRE(f.publish("{r2}:events", "not ours"));
    REQUIRE(test::run_until(f.context, [&] { return f.messages.size() == 1; }));
    CHECK(f.messages[0] == "{r1}:events " + binary);
    f.subscriber.unsubscribe("{r1}:events");
    f.subscriber.subscribe("{r3}:events");
    REQUIRE(f.is_subscribed("{r3}:events", 1));
    REQUIRE(f.publish("{r1}:events", "too late"));
    REQUIRE(f.publish("{r3}:events", "last"));
    REQUIRE(test::run_until(f.context, [&] { return f.messages.size() == 2; }));
    CHECK(f.messages[1] == "{r3}:events last");
}

TEST_CASE("every channel is subscribed again after kill -9, and its owner is told", "[redis][subscriber]") {
    test::RedisServer server;
    Fixture f(server.options());
    f.subscriber.subscribe("a");
    f.subscriber.subscribe("b");
    REQUIRE(f.is_subscribed("a", 1));
    REQUIRE(f.is_subscribed("b", 1));
    server.kill9();
    REQUIRE(test::run_until(f.context, [&] { return !f.subscriber.is_connected(); }));
    f.subscriber.subscribe("c");
    f.subscriber.unsubscribe("b");
    server.restart();
    REQUIRE(f.is_subscribed("a", 2));
    REQUIRE(f.is_subscribed("c", 1));
    CHECK(f.subscribed["b"] == 1);
    REQUIRE(test::run_until(f.context, [&] { return f.client.is_connected(); }));
    REQUIRE(f.publish("c", "again"));
    CHECK(test::run_until(f.context, [&] { return f.messages == std::vector<std::string>{"c again"}; }));
}

TEST_CASE("a server that answers no PING is left", "[redis][subscriber]") {
    test::RedisServer server;
    auto options = server.options();
    options.ping_every = options.ping_deadline = 150ms;
    Fixture f(options);
    f.subscriber.subscribe("a");
    REQUIRE(f.is_subscribed("a", 1));
    CHECK_FALSE(test::run_until(f.context, [&] { return !f.subscriber.is_connected(); }, 700ms));
    server.pause();
    REQUIRE(test::run_until(f.context, [&] { return !f.subscriber.is_connected(); }));
    server.resume();
    CHECK(f.is_subscribed("a", 2));
}

TEST_CASE("a subscriber is quiet after stop()", "[redis][subscriber]") {
    test::RedisServer server;
    Fixture f(server.options());
    f.subscriber.subscribe("a");
    REQUIRE(f.is_subscribed("a", 1));
    f.subscriber.stop();
    REQUIRE(f.publish("a", "x"));
    CHECK_FALSE(test::run_until(f.context, [&] { return !f.messages.empty() || f.subscriber.is_connected(); }, 100ms));
}
