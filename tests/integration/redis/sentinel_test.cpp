#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <functional>

#include "redis/client.hpp"
#include "redis/sentinels.hpp"
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

/// Says what it is told to say, whatever happens.
class StubbornSentinel {
public:
    StubbornSentinel(net::asio::io_context& io, std::string host, int epoch)
        : acceptor_(io, {net::asio::ip::address_v4::loopback(), 0}), host_(std::move(host)), epoch_(std::to_string(epoch)) {
        net::spawn(io.get_executor(), accept(), "sentinel");
    }
    redis::Address address() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }
    int asked() const { return asked_; }
    void stop() { acceptor_.close(); }

private:
    static std::string text(const std::string& item) { return "$" + std::to_string(item.size()) + "\r\n" + item + "\r\n"; }

    net::Task<> accept() {
        for (;;) {
            auto [error, socket] = co_await acceptor_.async_accept(net::as_result);
            if (error) co_return;
            net::spawn(acceptor_.get_executor(), serve(std::move(socket)), "sentinel");
        }
    }
    net::Task<> serve(net::asio::ip::tcp::socket socket) {
        std::array<char, 1024> bytes{};
        for (;;) {
            const auto [error, count] = co_await socket.async_read_some(net::asio::buffer(bytes), net::as_result);
            if (error) co_return;
            const std::string_view asked(bytes.data(), count);
            std::string answer = "*2\r\n" + text(host_) + text("6379");
            if (asked.find("\r\nMASTER\r\n") != asked.npos) answer = "*4\r\n" + text("ip") + text(host_) + text("config-epoch") + text(epoch_);
            else ++asked_;
            (void)co_await net::asio::async_write(socket, net::asio::buffer(answer), net::as_result);
        }
    }

    net::asio::ip::tcp::acceptor acceptor_;
    const std::string host_, epoch_;
    int asked_ = 0;
};

}  // namespace

TEST_CASE("a sentinel that knows an older failover than another is not believed, also when it alone is left", "[sentinel]") {
    net::asio::io_context io;
    StubbornSentinel cut_off(io, "10.0.0.1", 5), well(io, "10.0.0.2", 6);
    std::vector<std::string> primaries;
    const auto sentinels = std::make_shared<redis::Sentinels>(io.get_executor(), redis::SentinelGroup{{cut_off.address(), well.address()}, "livefair"}, redis::Options{},
                                                              [&](const redis::Address& primary) { primaries.push_back(primary.host); });
    sentinels->start();
    const auto ask_until = [&](const std::function<bool()>& done) {
        return run_until(io, [&] {
            sentinels->refresh_soon();
            return done();
        });
    };
    REQUIRE(ask_until([&] { return !primaries.empty() && primaries.back() == "10.0.0.2"; }));
    const auto found = primaries.size();
    const int before = cut_off.asked();
    REQUIRE(ask_until([&] { return cut_off.asked() >= before + 2; }));
    well.stop();
    const int alone = cut_off.asked();
    REQUIRE(ask_until([&] { return cut_off.asked() >= alone + 2; }));
    CHECK(primaries.size() == found);
    sentinels->stop();
    cut_off.stop();
}

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
