#include "redis/client.hpp"

#include <memory>

#include "support/catch.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using redis::Client;
using redis::Reply;

namespace {

const std::string echo_library =
    "#!lua name=echo\nredis.register_function('echo_v1', function(keys, args) return args[1] end)";

/// A client on a loop of its own.
struct Fixture {
    explicit Fixture(redis::Options options) : client(std::make_unique<Client>(context.get_executor(), std::move(options))) {
        client->on_connected([this](const std::string& run_id) { run_ids.push_back(run_id); });
        client->start();
    }
    Result<Reply> command(Client::Command command) { return test::run_task(context, client->command(std::move(command))); }
    Result<Reply> call(Client::Command command, std::chrono::milliseconds deadline) {
        return test::run_task(context, client->call(std::move(command), deadline));
    }
    /// Starts a command and returns the place where its result will be.
    std::shared_ptr<std::optional<Result<Reply>>> start(Client::Command command) {
        auto place = std::make_shared<std::optional<Result<Reply>>>();
        net::asio::co_spawn(context, client->command(std::move(command)),
                            [place](std::exception_ptr, Result<Reply> result) { place->emplace(std::move(result)); });
        return place;
    }
    bool connected_again(std::size_t times) {
        return test::run_until(context, [&] { return run_ids.size() >= times && client->is_connected(); });
    }

    net::asio::io_context context{1};
    std::vector<std::string> run_ids;
    std::unique_ptr<Client> client;
};

}  // namespace

TEST_CASE("a command given before the connection stands waits for it", "[redis]") {
    test::RedisServer server;
    Fixture f(server.options());
    const auto reply = f.command({"SET", "key", std::string("a\0b\r\n", 5)});
    REQUIRE(reply);
    CHECK(reply->text == "OK");
    CHECK(f.command({"GET", "key"})->text == std::string("a\0b\r\n", 5));
    CHECK(f.client->is_connected());
    CHECK(f.client->run_id("a").size() == 40);
}

TEST_CASE("pipelined commands get their replies in order", "[redis]") {
    test::RedisServer server;
    Fixture f(server.options());
    REQUIRE(f.command({"PING"}));
    std::vector<std::shared_ptr<std::optional<Result<Reply>>>> results;
    for (int i = 0; i < 1000; ++i) results.push_back(f.start({"ECHO", std::to_string(i)}));
    REQUIRE(test::run_until(f.context, [&] { return results.back()->has_value(); }));
    for (int i = 0; i < 1000; ++i) CHECK((*results[static_cast<std::size_t>(i)])->value().text == std::to_string(i));
}

TEST_CASE("an error reply is redis_error from command() and a reply from call()", "[redis]") {
    test::RedisServer server;
    Fixture f(server.options());
    CHECK(f.command({"NO-SUCH-COMMAND"}).error() == make_error_code(Errc::redis_error));
    CHECK(f.call({"NO-SUCH-COMMAND"}, 1s)->is_error());
    CHECK(f.command({"PING"}));
}

TEST_CASE("more commands than in_flight_max are refused, the others answered", "[redis]") {
    test::RedisServer server;
    auto options = server.options();
    options.in_flight_max = 10;
    Fixture f(options);
    REQUIRE(f.command({"PING"}));
    std::vector<std::shared_ptr<std::optional<Result<Reply>>>> results;
    for (int i = 0; i < 11; ++i) results.push_back(f.start({"PING"}));
    REQUIRE(test::run_until(f.context, [&] { return results.front()->has_value() && results.back()->has_value(); }));
    CHECK((*results.front())->has_value());
    CHECK((*results.back())->error() == make_error_code(Errc::too_many_requests));
}

TEST_CASE("a late reply is unknown to its caller and nobody else's", "[redis]") {
    test::RedisServer server;
    auto options = server.options();
    options.deadline = 200ms;
    Fixture f(options);
    REQUIRE(f.command({"SET", "a", "1"}));
    server.pause();
    CHECK(f.command({"INCR", "a"}).error() == make_error_code(Errc::redis_unknown));
    // The oldest command is overdue: the next one is not sent at all.
    CHECK(f.command({"INCR", "a"}).error() == make_error_code(Errc::redis_unavailable));
    server.resume();
    REQUIRE(test::run_until(f.context, [&] {
        const auto value = f.command({"GET", "a"});
        return value && value->text == "2";
    }));
    CHECK(f.run_ids.size() == 1);
}

TEST_CASE("a server that hangs for long is left, and everything in flight is unknown", "[redis]") {
    test::RedisServer server;
    auto options = server.options();
    options.deadline = 100ms;
    Fixture f(options);
    REQUIRE(f.command({"PING"}));
    server.pause();
    const auto blocked = f.start({"PING"});
    REQUIRE(test::run_until(f.context, [&] { return !f.client->is_connected(); }));
    CHECK((*blocked)->error() == make_error_code(Errc::redis_unknown));
    server.resume();
    CHECK(f.connected_again(2));
    CHECK(f.command({"PING"}));
}

TEST_CASE("a hung server is noticed on a connection that nobody uses", "[redis]") {
    test::RedisServer server;
    auto options = server.options();
    options.deadline = 50ms;
    options.ping_every = options.ping_deadline = 100ms;
    Fixture f(options);
    REQUIRE(f.command({"PING"}));
    CHECK_FALSE(test::run_until(f.context, [&] { return !f.client->is_connected(); }, 500ms));
    server.pause();
    CHECK(test::run_until(f.context, [&] { return !f.client->is_connected(); }));
    server.resume();
}

TEST_CASE("kill -9 makes what was sent unknown and what comes after unavailable", "[redis]") {
    test::RedisServer server;
    Fixture f(server.options());
    REQUIRE(f.command({"PING"}));
    server.pause();
    std::vector<std::shared_ptr<std::optional<Result<Reply>>>> results;
    for (int i = 0; i < 100; ++i) results.push_back(f.start({"INCR", "a"}));
    test::run_until(f.context, [] { return false; }, 50ms);
    server.kill9();
    REQUIRE(test::run_until(f.context, [&] { return results.back()->has_value(); }));
    for (const auto& result : results) CHECK((*result)->error() == make_error_code(Errc::redis_unknown));
    CHECK(f.command({"INCR", "a"}).error() == make_error_code(Errc::redis_unavailable));
    CHECK(f.client->run_id("a").empty());
}

TEST_CASE("after a restart the functions are there again, the data too, and the run_id is another", "[redis]") {
    test::RedisServer server;
    auto options = server.options();
    options.libraries = {echo_library};
    Fixture f(options);
    REQUIRE(f.command({"FCALL", "echo_v1", "0", "x"})->text == "x");
    REQUIRE(f.command({"SET", "a", "1"}));
    REQUIRE(f.command({"FUNCTION", "FLUSH"}));
    server.restart();
    REQUIRE(f.connected_again(2));
    CHECK(f.run_ids[0] != f.run_ids[1]);
    CHECK(f.client->run_id("a") == f.run_ids[1]);
    CHECK(f.command({"FCALL", "echo_v1", "0", "x"})->text == "x");
    CHECK(f.command({"GET", "a"})->text == "1");
}

TEST_CASE("a client that starts before its server fails fast, then connects", "[redis]") {
    test::RedisServer server;
    server.kill9();
    Fixture f(server.options());
    CHECK(f.command({"PING"}).error() == make_error_code(Errc::redis_unavailable));
    server.restart();
    CHECK(f.connected_again(1));
    CHECK(f.command({"PING"}));
}

TEST_CASE("a password is used, and a wrong one never connects", "[redis]") {
    test::RedisServer server;
    {
        Fixture f(server.options());
        REQUIRE(f.command({"CONFIG", "SET", "requirepass", "secret"}));
    }
    auto options = server.options();
    CHECK_FALSE(Fixture(options).command({"PING"}));
    options.password = "wrong";
    CHECK_FALSE(Fixture(options).command({"PING"}));
    options.password = "secret";
    CHECK(Fixture(options).command({"PING"}));
}

TEST_CASE("stop() ends every wait", "[redis]") {
    test::RedisServer server;
    Fixture f(server.options());
    REQUIRE(f.command({"PING"}));
    const auto blocked = std::make_shared<std::optional<Result<Reply>>>();
    net::asio::co_spawn(f.context, f.client->call({"BLPOP", "nothing", "0"}, 60s),
                        [blocked](std::exception_ptr, Result<Reply> result) { blocked->emplace(std::move(result)); });
    test::run_until(f.context, [] { return false; }, 20ms);
    f.client->stop();
    REQUIRE(test::run_until(f.context, [&] { return blocked->has_value(); }, 1s));
    CHECK((*blocked)->error() == make_error_code(Errc::redis_unknown));
    CHECK(f.command({"PING"}).error() == make_error_code(Errc::redis_unavailable));
}

TEST_CASE("a command that may block has a deadline of its own", "[redis]") {
    test::RedisServer server;
    auto options = server.options();
    options.deadline = 100ms;
    Fixture f(options);
    const auto reply = f.call({"BLPOP", "nothing", "0.5"}, 2s);
    REQUIRE(reply);
    CHECK(reply->is_nil());
    CHECK(f.run_ids.size() == 1);
}
