#include "room/hub.hpp"
#include "room/question_desk.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/room.pb.h>
#include <livefair/v1/socket.pb.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "room/census.hpp"
#include "room/relay.hpp"
#include "support/frame.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

const RoomId room_id("hunan");

net::Task<Result<v1::Show>> show_in(RoomId room) {
    if (room != room_id) co_return make_error_code(Errc::not_found);
    v1::Show show;
    show.set_id("s1");
    show.set_room_id(room.str());
    co_return show;
}

/// What one shard of livefair-server has for rooms.
struct Side final : room::Inbox {
    Side(net::Shard& own_shard, room::Relay& relay, const redis::Options& options)
        : shard(own_shard), client(shard.executor(), options), bus(client, 1s, 1000), hub(shard, bus, relay, show_in, config, overload, system_clock()) {}
    void on_message(const std::string& channel, const SharedBytes& payload) override { hub.on_message(channel, payload); }
    void on_subscribed(const std::string& channel) override { hub.on_subscribed(channel); }
    void on_lost(const std::string& channel) override { hub.on_lost(channel); }
    Config::Room config;
    net::Shard& shard;
    redis::Client client;
    room::Bus bus;
    room::QuestionDesk questions{client, 1s};
    room::Overload overload{Config().overload, 1, system_clock()};
    room::Hub hub;
};

/// Two shards with hubs, a relay and a census over a real Redis.
struct Gateway {
    Gateway() {
        auto options = redis_server.options();
        options.libraries = {std::string(room::library_source())};
        relay = std::make_unique<room::Relay>(shards, options);
        for (unsigned i = 0; i < shards.size(); ++i) {
            sides.push_back(std::make_unique<Side>(shards.at(i), *relay, options));
            relay->attach(i, *sides.back());
            shards.at(i).post([&side = *sides.back()] { side.client.start(); });
        }
        relay->start();
        shards.start();
    }
    ~Gateway() { shards.stop(); }
    /// Runs a task on a shard and waits for it here.
    template <class T>
    T run(unsigned shard, net::Task<T> task) {
        auto future = net::asio::co_spawn(shards.at(shard).executor(), std::move(task), net::asio::use_future);
        if (future.wait_for(20s) != std::future_status::ready) throw std::runtime_error("the task did not end in time");
        return future.get();
    }
    RedisServer redis_server;
    net::Shards shards{2};
    std::unique_ptr<room::Relay> relay;
    std::vector<std::unique_ptr<Side>> sides;
};

/// A viewer on a shard; the seqs of what it was sent.
struct Viewer {
    explicit Viewer(Gateway& house, unsigned on_shard) : gateway(house), shard(on_shard) {
        joined = gateway.run(shard, join(*this));
    }
    ~Viewer() { gateway.run(shard, leave(*this)); }
    static net::Task<bool> join(Viewer& self) {
        const room::Viewer viewer{self.outbox, room::Format::proto, room::Audience::everyone};
        const room::JoinRequest request;
        auto joined = co_await self.gateway.sides[self.shard]->hub.join(room_id, viewer, request);
        if (joined) self.place = std::move(*joined);
        co_return joined.has_value();
    }
    static net::Task<bool> leave(Viewer& self) {
        self.place.reset();
        co_return true;
    }
    static net::Task<std::vector<std::int64_t>> read(Viewer& self) {
        while (const auto bytes = self.outbox.pop()) {
            v1::ServerMessage message;
            message.ParseFromString(test::payload_of(*bytes));
            if (message.has_snapshot()) self.snapshots.push_back(message.snapshot());
            if (message.has_events()) {
                for (const auto& event : message.events().events()) {
                    if (event.seq() > 0) self.seqs.push_back(event.seq());
                    if (event.event().has_counts()) self.viewers = event.event().counts().viewers();
                }
            }
        }
        co_return self.seqs;
    }
    std::vector<std::int64_t> seen() { return gateway.run(shard, read(*this)); }
    Gateway& gateway;
    unsigned shard;
    room::Outbox outbox{1 << 22, [] {}};
    std::unique_ptr<room::Membership> place;
    bool joined = false;
    std::vector<std::int64_t> seqs;
    std::vector<v1::Snapshot> snapshots;
    std::int64_t viewers = 0;
};

v1::RoomEvent line(int number) {
    v1::RoomEvent event;
    event.mutable_chat()->set_id(std::to_string(number));
    event.mutable_chat()->set_text("line");
    return event;
}

/// Publishes `count` lines, each again until it is taken.
net::Task<int> publish(Side& side, int count) {
    int published = 0;
    for (int i = 0; i < count; ++i) {
        auto event = line(i);
        const auto done = co_await side.bus.publish(room_id, std::move(event));
        if (done) ++published;
        else co_await net::sleep_for(20ms);
    }
    co_return published;
}

net::Task<Result<redis::Reply>> cut_subscribers(Side& side) {
    redis::Client::Command command{"CLIENT", "KILL", "TYPE", "pubsub"};
    co_return co_await side.client.command(std::move(command));
}

/// What a failover leaves: the room is at a server of another name, which has events up to `last`.
net::Task<Result<redis::Reply>> fail_over(Side& side, std::int64_t last) {
    redis::Client::Command command{
        "EVAL",
        "for _, entry in ipairs(redis.call('XRANGE', KEYS[2], (ARGV[1] + 1) .. '-0', '+')) do "
        "redis.call('XDEL', KEYS[2], entry[1]) end redis.call('XSETID', KEYS[2], ARGV[1] .. '-0') return redis.call('HSET', KEYS[1], 'seq', ARGV[1], 'server', 'the one before')",
        "2", "{rhunan}:meta", "{rhunan}:history", std::to_string(last)};
    co_return co_await side.client.command(std::move(command));
}

net::Task<bool> stop(room::Census& census) {
    census.stop();
    co_return true;
}

std::vector<std::int64_t> up_to(std::int64_t last) {
    std::vector<std::int64_t> all;
    for (std::int64_t seq = 1; seq <= last; ++seq) all.push_back(seq);
    return all;
}

}  // namespace

TEST_CASE("lines published on two shards at once reach the viewers of both in one order", "[hub]") {
    Gateway gateway;
    Viewer here(gateway, 0), there(gateway, 1);
    REQUIRE(here.joined);
    REQUIRE(there.joined);
    auto first = net::asio::co_spawn(gateway.shards.at(0).executor(), publish(*gateway.sides[0], 200), net::asio::use_future);
    auto second = net::asio::co_spawn(gateway.shards.at(1).executor(), publish(*gateway.sides[1], 200), net::asio::use_future);
    CHECK(first.get() + second.get() == 400);
    CHECK(eventually([&] { return here.seen().size() == 400 && there.seen().size() == 400; }));
    CHECK(here.seen() == up_to(400));
    CHECK(there.seen() == up_to(400));
}

TEST_CASE("a ban keeps the account out and is told where its connections are, through a cut subscription, too", "[hub]") {
    Gateway gateway;
    std::atomic<int> told = 0;
    gateway.sides[1]->hub.on_ban([&told](const RoomId& room, const v1::BanChanged& ban) { told += room == room_id && ban.account_id() == "rude"; });
    Viewer viewer(gateway, 1);
    REQUIRE(viewer.joined);
    v1::RoomEvent ban;
    ban.mutable_ban()->set_account_id("rude");
    ban.mutable_ban()->set_until_ms(system_clock().unix_ms() + 60'000);
    for (int times = 1; times <= 2; ++times) {
        REQUIRE(gateway.run(0, gateway.sides[0]->bus.publish(room_id, ban)).has_value());
        CHECK(eventually([&] { return told == times; }));
        REQUIRE(gateway.run(0, cut_subscribers(*gateway.sides[0])).has_value());
    }
    const room::JoinRequest request{1, {}, 0, "rude"};
    room::Outbox outbox{1 << 20, [] {}};
    const auto joined = gateway.run(1, gateway.sides[1]->hub.join(room_id, {outbox, room::Format::proto, room::Audience::everyone}, request));
    CHECK(to_errc(joined.error()) == Errc::forbidden);
    CHECK(outbox.empty());
}

TEST_CASE("what was published while the subscription was cut is read from Redis", "[hub]") {
    Gateway gateway;
    Viewer viewer(gateway, 1);
    REQUIRE(viewer.joined);
    REQUIRE(gateway.run(0, publish(*gateway.sides[0], 10)) == 10);
    REQUIRE(eventually([&] { return viewer.seen().size() == 10; }));
    for (int cut = 0; cut < 3; ++cut) {
        REQUIRE(gateway.run(0, cut_subscribers(*gateway.sides[0])).has_value());
        REQUIRE(gateway.run(0, publish(*gateway.sides[0], 50)) == 50);
    }
    CHECK(eventually([&] { return viewer.seen().size() >= 160; }));
    CHECK(viewer.seen() == up_to(160));
}

TEST_CASE("after a failover that has lost nothing viewers go on, told of the new epoch", "[hub]") {
    Gateway gateway;
    Viewer viewer(gateway, 1);
    REQUIRE(gateway.run(0, publish(*gateway.sides[0], 3)) == 3);
    REQUIRE(eventually([&] { return viewer.seen().size() == 3; }));
    REQUIRE(gateway.run(0, fail_over(*gateway.sides[0], 3)).has_value());
    REQUIRE(gateway.run(0, publish(*gateway.sides[0], 3)) == 3);
    CHECK(eventually([&] { return viewer.seen().size() >= 6; }));
    CHECK(viewer.seen() == up_to(6));
    REQUIRE(viewer.snapshots.size() == 2);
    CHECK(viewer.snapshots[1].recovered());
    CHECK(viewer.snapshots[1].seq() == 3);
    CHECK(viewer.snapshots[1].epoch() != viewer.snapshots[0].epoch());
}

TEST_CASE("after a failover that has lost what viewers had seen they start over, and no seq means two things", "[hub]") {
    Gateway gateway;
    Viewer viewer(gateway, 1);
    REQUIRE(gateway.run(0, publish(*gateway.sides[0], 3)) == 3);
    REQUIRE(eventually([&] { return viewer.seen().size() == 3; }));
    REQUIRE(gateway.run(0, fail_over(*gateway.sides[0], 1)).has_value());
    REQUIRE(gateway.run(0, publish(*gateway.sides[0], 4)) == 4);
    CHECK(eventually([&] {
        viewer.seen();
        return viewer.snapshots.size() == 2 && viewer.snapshots[1].seq() + std::ssize(viewer.seqs) - 3 == 5;
    }));
    REQUIRE(viewer.snapshots.size() == 2);
    CHECK_FALSE(viewer.snapshots[1].recovered());
    CHECK(viewer.snapshots[1].epoch() != viewer.snapshots[0].epoch());
    CHECK(viewer.snapshots[1].chat_size() == viewer.snapshots[1].seq());
}

TEST_CASE("a room that no show has is not made", "[hub]") {
    Gateway gateway;
    room::Outbox outbox(1000, [] {});
    const room::Viewer viewer{outbox, room::Format::proto, room::Audience::everyone};
    const room::JoinRequest request;
    const auto joined = gateway.run(0, gateway.sides[0]->hub.join(RoomId("nowhere"), viewer, request));
    REQUIRE(joined.has_error());
    CHECK(to_errc(joined.error()) == Errc::not_found);
}

TEST_CASE("the census tells a room how many watch on all shards, once", "[hub]") {
    Gateway gateway;
    room::Census census(gateway.shards, {&gateway.sides[0]->hub, &gateway.sides[1]->hub}, gateway.sides[0]->bus, gateway.sides[0]->questions);
    Viewer first(gateway, 0), second(gateway, 1), third(gateway, 1);
    net::spawn(gateway.shards.at(0).executor(), census.run(), "census");
    CHECK(eventually([&] {
        first.seen();
        return first.viewers == 3;
    }));
    CHECK(gateway.run(0, stop(census)));
}
