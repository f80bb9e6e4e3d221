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
    ~Fixture() {
        client.reset();
        test::run_until(context, [this] { return context.stopped(); }, 200ms);
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
    CHECK(f.client->run_id().size() == 40);
}
