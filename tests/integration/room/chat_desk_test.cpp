#include "room/chat_desk.hpp"

#include <livefair/v1/room.pb.h>

#include <boost/asio/co_spawn.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "room/bus.hpp"
#include "support/catch.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using room::ChatDesk;
using room::Said;
using Outcome = room::Said::Outcome;

namespace {

const RoomId room_id("hunan");

/// What a gateway has for the chat of rooms.
struct Gateway {
    Gateway(net::asio::io_context& context, redis::Options options)
        : client(context.get_executor(), with_functions(std::move(options))), bus(client, 1s, 1000), desk(client, 1s, 1000, lines_per_s) {
        client.start();
    }
    static constexpr std::int64_t lines_per_s = 100;
    static redis::Options with_functions(redis::Options options) {
        options.libraries = {std::string(room::library_source())};
        return options;
    }
    redis::Client client;
    room::Bus bus;
    ChatDesk desk;
};

/// Two gateways on one Redis.
struct House {
    Outcome say(Gateway& gateway, const std::string& id, const std::string& account, int hold_reason = 0, v1::Role role = v1::ROLE_VIEWER) {
        v1::ChatLine line;
        line.set_id(id);
        line.set_account_id(account);
        line.set_role(role);
        line.set_text("line " + id);
        return test::run_task(context, gateway.desk.say(room_id, line, hold_reason)).value().outcome;
    }
    void set_rules(std::int64_t slow_ms, bool mute_all, bool review_all) {
        v1::ChatRules rules;
        rules.set_slow_ms(slow_ms);
        rules.set_mute_all(mute_all);
        rules.set_review_all(review_all);
        REQUIRE(test::run_task(context, first.desk.set_rules(room_id, rules, "host")).has_value());
    }
    std::vector<v1::RoomEvent> waiting() { return test::run_task(context, second.desk.waiting(room_id)).value(); }
    std::vector<std::string> history() {
        std::vector<std::string> ids;
        const auto stored = test::run_task(context, second.bus.open(room_id, 1000)).value();
        for (const auto& each : stored.history) {
            v1::RoomEvent event;
            REQUIRE(event.ParseFromString(each.event));
            if (event.has_chat()) ids.push_back(event.chat().id());
        }
        return ids;
    }
    std::int64_t now_ms() { return test::run_task(context, first.bus.now_ms()).value(); }
    Result<redis::Reply> command(redis::Client::Command command) { return test::run_task(context, first.client.command(std::move(command))); }

    test::RedisServer server;
    net::asio::io_context context{1};
    Gateway first{context, server.options()}, second{context, server.options()};
};

}  // namespace

TEST_CASE("the rules set on one gateway hold on the other", "[chat_desk]") {
    House house;
    CHECK(house.say(house.second, "a", "wang") == Outcome::shown);
    house.set_rules(60'000, false, false);
    CHECK(house.say(house.first, "b", "wang") == Outcome::shown);
    CHECK(house.say(house.second, "c", "wang") == Outcome::too_soon);
    CHECK(house.say(house.second, "d", "li") == Outcome::shown);
    CHECK(house.say(house.second, "e", "wang", 0, v1::ROLE_HOST) == Outcome::shown);
    house.set_rules(0, true, false);
    CHECK(house.say(house.second, "f", "zhao") == Outcome::muted);
    CHECK(house.say(house.second, "g", "zhao", v1::HOLD_REASON_LINK) == Outcome::muted);
    house.set_rules(0, false, true);
    CHECK(house.say(house.second, "h", "zhao") == Outcome::held);
    CHECK(house.say(house.second, "i", "mod", 0, v1::ROLE_MODERATOR) == Outcome::shown);
    CHECK(house.history() == std::vector<std::string>{"a", "b", "d", "e", "i"});
}

TEST_CASE("of two moderators who decide on a line at once, one does, and it is shown once", "[chat_desk]") {
    House house;
    for (int i = 0; i < 50; ++i) {
        const auto id = "line-" + std::to_string(i);
        REQUIRE(house.say(house.first, id, "wang", v1::HOLD_REASON_CONTACT) == Outcome::held);
        std::vector<Errc> outcomes;
        for (auto* gateway : {&house.first, &house.second}) {
            const auto keep = [&outcomes](std::exception_ptr, Result<v1::ChatLine> line) { outcomes.push_back(line ? Errc{} : to_errc(line.error())); };
            net::asio::co_spawn(house.context, gateway->desk.review(room_id, id, true, "moderator"), keep);
        }
        REQUIRE(test::run_until(house.context, [&] { return outcomes.size() == 2; }));
        std::sort(outcomes.begin(), outcomes.end());
        CHECK(outcomes == std::vector<Errc>{Errc{}, Errc::not_found});
    }
    CHECK(house.history().size() == 50);
    CHECK(house.waiting().empty());
}

TEST_CASE("the newest 200 lines wait, none longer than an hour", "[chat_desk]") {
    House house;
    for (int i = 0; i < 210; ++i) REQUIRE(house.say(house.first, std::to_string(i), "wang", v1::HOLD_REASON_WORD) == Outcome::held);
    const auto waiting = house.waiting();
    REQUIRE(waiting.size() == 200);
    CHECK(waiting.front().chat_held().line().id() == "209");
    CHECK(waiting.front().chat_held().reason() == v1::HOLD_REASON_WORD);
    CHECK(waiting.front().at_ms() > 1'700'000'000'000);
    CHECK(waiting.back().chat_held().line().id() == "10");
    CHECK(to_errc(test::run_task(house.context, house.first.desk.review(room_id, "9", true, "mod")).error()) == Errc::not_found);
    const auto left_ms = house.command({"PTTL", "{rhunan}:held"})->integer;
    CHECK((left_ms > 3'590'000 && left_ms <= 3'600'000));

    // A line of more than an hour ago, which is still there because newer ones keep the key alive.
    REQUIRE(house.command({"DEL", "{rhunan}:held"}).has_value());
    REQUIRE(house.command({"XADD", "{rhunan}:held", "1000-0", "i", "old", "c", "", "h", ""}).has_value());
    CHECK(house.waiting().empty());
    CHECK(to_errc(test::run_task(house.context, house.first.desk.review(room_id, "old", true, "mod")).error()) == Errc::not_found);
    REQUIRE(house.say(house.first, "new", "wang", v1::HOLD_REASON_WORD) == Outcome::held);
    CHECK(house.command({"XLEN", "{rhunan}:held"})->integer == 1);
}

TEST_CASE("slow mode leaves nothing behind in Redis when its pause is over", "[chat_desk]") {
    House house;
    house.set_rules(50, false, false);
    CHECK(house.say(house.first, "a", "wang") == Outcome::shown);
    CHECK(house.command({"EXISTS", "{rhunan}:slow:wang"})->integer == 1);
    CHECK(test::run_until(house.context, [&] { return house.command({"EXISTS", "{rhunan}:slow:wang"})->integer == 0; }));
    CHECK(house.say(house.second, "b", "wang") == Outcome::shown);
}

TEST_CASE("of more viewers' lines than a room shows in a second the rest is not shown, and staff's lines are", "[chat_desk]") {
    House house;
    std::size_t shown = 0, sampled = 0;
    const auto began = house.now_ms();
    for (int i = 0; i < 1000; ++i) {
        auto& gateway = i % 2 == 0 ? house.first : house.second;
        const auto outcome = house.say(gateway, std::to_string(i), "viewer-" + std::to_string(i));
        REQUIRE((outcome == Outcome::shown || outcome == Outcome::sampled));
        ++(outcome == Outcome::shown ? shown : sampled);
    }
    const auto took_ms = house.now_ms() - began;
    // A second's worth at once, and the room's pace from then on.
    const auto most = static_cast<std::size_t>(Gateway::lines_per_s + Gateway::lines_per_s * (took_ms + 1) / 1000 + 1);
    CHECK(shown >= Gateway::lines_per_s);
    CHECK(shown <= most);
    REQUIRE(sampled > 0);
    CHECK(house.history().size() == shown);

    CHECK(house.say(house.first, "held", "wang", v1::HOLD_REASON_LINK) == Outcome::held);
    for (int i = 0; i < 200; ++i) REQUIRE(house.say(house.first, "host-" + std::to_string(i), "host", 0, v1::ROLE_HOST) == Outcome::shown);
    CHECK(house.history().size() == shown + 200);
    CHECK(test::run_until(house.context, [&] { return house.say(house.first, "later", "li") == Outcome::shown; }));
}
