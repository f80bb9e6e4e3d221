#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <vector>

#include "integration/room/house.hpp"

using namespace livefair;
using namespace livefair::test;
using room::Format;

namespace {

/// The gateways are proxies of each other's viewers, all on loopback.
House::Settings settings() {
    return {{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}, {"LIVEFAIR_LIMITS_PROXY_ADDRESSES", "127.0.0.1"}, {"LIVEFAIR_ROOM_CHAT_PER_10S", "1000"}};
}

bool has_seq(const v1::SequencedEvent& event) { return event.seq() > 0; }

}  // namespace

TEST_CASE("lines said at two gateways reach the viewers of both in one order, without a gap and without a double", "[gateways]") {
    House house(settings());
    auto& second = house.add_gateway();
    Client host(house, second, house.host_of("room-a")), buyer(house, house.buyer("小王"));
    const auto start = host.join("room-a").seq();
    buyer.join("room-a");
    std::vector<std::unique_ptr<Client>> viewers;
    for (int i = 0; i < 6; ++i) {
        const auto format = static_cast<Format>(i % room::format_count);
        viewers.push_back(i % 2 == 0 ? std::make_unique<Client>(house, std::string(), format) : std::make_unique<Client>(house, second, std::string(), format));
        viewers.back()->join("room-a");
    }
    constexpr int lines = 40;
    for (int i = 0; i < lines; ++i) {
        REQUIRE(host.say("room-a", "host " + std::to_string(i)).has_done());
        REQUIRE(buyer.say("room-a", "buyer " + std::to_string(i)).has_done());
    }
    std::vector<std::string> order;
    for (const auto& viewer : viewers)
        for (std::int64_t number = 1; number <= 2 * lines; ++number) {
            const auto event = viewer->wait_event(has_seq);
            REQUIRE(event.seq() == start + number);
            if (viewer == viewers.front()) order.push_back(event.event().chat().text());
            else CHECK(event.event().chat().text() == order.at(static_cast<std::size_t>(number - 1)));
        }
}

TEST_CASE("two hosts who pin at two gateways at once end in one pin, the same for every viewer and for who comes later", "[gateways][F57]") {
    House house(settings());
    auto& second = house.add_gateway();
    Client one(house, house.host_of("room-a")), other(house, second, house.host_of("room-a")), here(house), there(house, second);
    for (auto* client : {&one, &other, &here, &there}) client->join("room-a");
    constexpr std::uint32_t turns = 8, first_id = 1000;
    // Neither waits for an answer, as in a double click.
    for (std::uint32_t i = 0; i < turns; ++i)
        for (auto* host : {&one, &other}) {
            v1::ClientMessage message;
            message.set_request_id(first_id + i);
            message.mutable_pin()->set_room_id("room-a");
            message.mutable_pin()->set_offer_id((i % 2 == 0) == (host == &one) ? "offer-a1" : "offer-a2");
            host->send_bytes(message.SerializeAsString());
        }
    for (auto* host : {&one, &other})
        for (std::uint32_t i = 0; i < turns; ++i)
            REQUIRE(host->wait_message([&](const v1::ServerMessage& answer) { return answer.request_id() == first_id + i; }).has_done());
    std::vector<std::string> seen;
    for (std::uint32_t i = 0; i < 2 * turns; ++i) {
        const auto pin_here = here.wait_event([](const v1::SequencedEvent& event) { return event.event().has_pin(); });
        const auto pin_there = there.wait_event([](const v1::SequencedEvent& event) { return event.event().has_pin(); });
        REQUIRE(pin_here.seq() == pin_there.seq());
        REQUIRE(pin_here.event().pin().offer_id() == pin_there.event().pin().offer_id());
        seen.push_back(pin_here.event().pin().offer_id());
    }
    Client late_here(house), late_there(house, second);
    for (auto* late : {&late_here, &late_there}) CHECK(late->join("room-a").pin().offer_id() == seen.back());
}

TEST_CASE("a gateway without a ledger has pins, sales, moderation and orders carried out by the program that has it", "[gateways]") {
    const bool is_clustered = GENERATE(false, true);
    CAPTURE(is_clustered);
    const auto owned = is_clustered ? std::make_unique<House>(House::Clustered(), settings()) : std::make_unique<House>(settings());
    auto& house = *owned;
    auto& second = house.add_gateway();
    const auto buyer_token = house.buyer_with_address("小王");
    Client host(house, second, house.host_of("room-a")), buyer(house, second, buyer_token, Format::json), viewer(house);
    for (auto* client : {&host, &buyer, &viewer}) client->join("room-a");
    REQUIRE(host.ask(open_offer()).has_done());
    REQUIRE(host.pin("room-a", "offer-a1").has_done());
    CHECK(viewer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_pin(); }).event().pin().price_fen() == 2990);
    CHECK(buyer.pin("room-a", "offer-a1").failure().code() == "forbidden");

    const auto answer = buyer.ask(order("an-order-at-a-gateway"));
    REQUIRE(answer.order_answer().outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(buyer.ask(order("an-order-at-a-gateway")).order_answer().outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(viewer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_stock(); }).event().stock().left() == 99);

    REQUIRE(buyer.say("room-a", "rude").has_done());
    const auto line = host.wait_chat("rude").event().chat();
    v1::ClientMessage mute;
    mute.mutable_mute()->set_room_id("room-a");
    mute.mutable_mute()->set_account_id(line.account_id());
    mute.mutable_mute()->set_duration_ms(60'000);
    REQUIRE(host.ask(mute).has_done());
    buyer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_mute(); });
    CHECK(buyer.say("room-a", "again").failure().code() == "forbidden");
    v1::ClientMessage remove;
    remove.mutable_delete_chat()->set_room_id("room-a");
    remove.mutable_delete_chat()->set_chat_id(line.id());
    REQUIRE(host.ask(remove).has_done());
    const auto log = house.call("GET", "/api/v1/rooms/room-a/actions", {}, house.site_operator());
    CHECK(log.find("\"rude\"") != log.npos);
    CHECK(Client(house, second).ask(order("a-guest")).failure().code() == "unauthenticated");
}

TEST_CASE("operators watch the dashboard through a gateway, and it counts the viewers of all", "[gateways]") {
    House house(settings());
    auto& second = house.add_gateway();
    Client viewer(house), other(house, second), site(house, second, house.site_operator());
    viewer.join("room-a");
    other.join("room-a");
    viewer.wait_event([](const v1::SequencedEvent& event) { return event.event().counts().viewers() == 2; });
    v1::ClientMessage watch;
    watch.mutable_watch_dashboard();
    REQUIRE(site.ask(watch).has_done());
    site.wait_message([](const v1::ServerMessage& message) {
        for (const auto& show : message.dashboard().shows())
            if (show.show().id() == "show-a" && show.counts().viewers() == 2) return true;
        return false;
    });
    second.process().signal(SIGKILL);
    // A gateway that is silent for 5 s no longer counts.
    viewer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_counts() && event.event().counts().viewers() == 1; });
}

TEST_CASE("views and people are counted over all gateways: a page that comes back is no view, a browser one person", "[gateways]") {
    House house(settings());
    auto& other = house.add_gateway();
    const std::string browser(32, 'a');
    const auto counts = [](Client& client, std::int64_t views) {
        return client.wait_event([&](const v1::SequencedEvent& event) { return event.event().has_counts() && event.event().counts().views() >= views; }).event().counts();
    };
    Client first(house, house.gateway(), {}, Format::proto, browser);
    const auto snapshot = first.join("room-a");
    Client second(house, other, house.buyer("小王", browser), Format::proto, browser), third(house, other, {}, Format::proto, std::string(32, 'b'));
    second.join("room-a");
    third.join("room-a");
    const auto all = counts(first, 3);
    CHECK(all.views() == 3);
    CHECK(all.people() == 2);
    third.drop();
    Client back(house, other, {}, Format::proto, std::string(32, 'b'));
    back.join("room-a", snapshot.epoch(), snapshot.seq());
    Client no_cookie(house, house.buyer("小张"));
    no_cookie.join("room-a");
    const auto later = counts(first, 4);
    CHECK(later.views() == 4);
    CHECK(later.people() == 3);
    CHECK(later.viewers_most() >= 3);
    CHECK(later.viewers_most() <= 5);

    // Nobody is counted after the show.
    house.call("POST", "/api/v1/shows/show-a/state", R"({"state":"SHOW_STATE_ENDED"})", house.site_operator());
    first.wait_event([](const v1::SequencedEvent& event) { return event.event().has_show(); });
    Client late(house, {}, Format::proto);
    late.join("room-a");
    const auto ended = first.wait_event([](const v1::SequencedEvent& event) { return event.event().has_counts() && event.event().counts().viewers() == 5; }).event().counts();
    CHECK(ended.views() == 4);
    CHECK(ended.people() == 3);
}

TEST_CASE("a gateway is killed: its viewers go on at another one, without a gap and without a double", "[gateways]") {
    House house(settings());
    auto& second = house.add_gateway();
    Client speaker(house, house.buyer("小王"));
    speaker.join("room-a");
    Client viewer(house, second), silent(house, second);
    viewer.join("room-a");
    const auto start = silent.join("room-a");
    REQUIRE(speaker.say("room-a", "line 0").has_done());
    const auto last = viewer.wait_chat("line 0").seq();
    second.process().signal(SIGKILL);
    for (int i = 1; i <= 20; ++i) REQUIRE(speaker.say("room-a", "line " + std::to_string(i)).has_done());
    // At a gateway that was not there before, and for one who had seen no line at all.
    auto& third = house.add_gateway();
    Client back(house, third), silent_back(house);
    CHECK(back.join("room-a", viewer.epoch(), last).recovered());
    CHECK(silent_back.join("room-a", start.epoch(), start.seq()).recovered());
    for (int i = 1; i <= 20; ++i) {
        const auto event = back.wait_event(has_seq);
        CHECK(event.seq() == last + i);
        CHECK(event.event().chat().text() == "line " + std::to_string(i));
    }
    for (int i = 0; i <= 20; ++i) CHECK(silent_back.wait_event(has_seq).event().chat().text() == "line " + std::to_string(i));
}

TEST_CASE("the program with the ledger is killed: rooms go on at the gateway, orders and the dashboard are told to come back", "[gateways]") {
    auto one_shard = settings();
    one_shard["LIVEFAIR_SERVER_SHARDS"] = "1";  // another one could not load the room without the ledger's program
    House house(one_shard);
    auto& second = house.add_gateway();
    const auto token = house.buyer_with_address("小王");
    Client buyer(house, second, token), viewer(house, second), site(house, second, house.site_operator());
    buyer.join("room-a");
    viewer.join("room-a");
    v1::ClientMessage watch;
    watch.mutable_watch_dashboard();
    REQUIRE(site.ask(watch).has_done());
    REQUIRE(buyer.say("room-a", "before").has_done());
    viewer.wait_chat("before");
    house.server().signal(SIGKILL);
    const auto refused = buyer.ask(order("an-order-without-ledger")).failure();
    CHECK(refused.code() == "ledger_unavailable");
    CHECK(site.wait_close() == 3001);
    Client late(house, second);
    CHECK(late.join("room-a").show().id() == "show-a");
}

TEST_CASE("whoever signs out is signed out at the gateways too", "[gateways]") {
    House house(settings());
    auto& second = house.add_gateway();
    const auto token = house.buyer_with_address("小王");
    Client buyer(house, second, token);
    buyer.join("room-a");
    CHECK(buyer.ask(order("an-order-before-the-sale")).has_order_answer());
    house.call("POST", "/api/v1/auth/sign-out", "{}", token);
    CHECK(buyer.wait_close() == 3005);
}
