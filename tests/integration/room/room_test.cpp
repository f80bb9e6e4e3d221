#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <vector>

#include "integration/room/house.hpp"

using namespace livefair;
using namespace livefair::test;
using room::Format;

namespace {

std::string failure_code(const v1::ServerMessage& answer) { return answer.failure().code(); }

v1::ClientMessage delete_chat(const std::string& room, const std::string& chat) {
    v1::ClientMessage message;
    message.mutable_delete_chat()->set_room_id(room);
    message.mutable_delete_chat()->set_chat_id(chat);
    return message;
}

v1::ClientMessage mute(const std::string& room, const std::string& account, std::int64_t duration_ms) {
    v1::ClientMessage message;
    message.mutable_mute()->set_room_id(room);
    message.mutable_mute()->set_account_id(account);
    message.mutable_mute()->set_duration_ms(duration_ms);
    return message;
}

}  // namespace

TEST_CASE("a chat line reaches the other viewers in both subprotocols, with a rising seq", "[room][system]") {
    House house;
    Client speaker(house, house.buyer("小王"), Format::json);
    Client by_proto(house), by_json(house, {}, Format::json);
    for (auto* client : {&speaker, &by_proto, &by_json}) client->join("room-a");

    REQUIRE(speaker.say("room-a", "三号链接\u200b多少钱").has_done());
    REQUIRE(speaker.say("room-a", "second").has_done());
    for (auto* client : {&speaker, &by_proto, &by_json}) {
        const auto first = client->wait_chat("三号链接多少钱");
        CHECK(first.event().chat().nickname() == "小王");
        CHECK(first.event().chat().role() == v1::ROLE_VIEWER);
        CHECK(first.event().at_ms() > 1'700'000'000'000);
        CHECK(client->wait_chat("second").seq() == first.seq() + 1);
    }
}

TEST_CASE("a late joiner finds pin, chat and offers in the snapshot, and a deleted line nowhere", "[room][system]") {
    House house;
    Client host(house, house.host_of("room-a"));
    host.join("room-a");
    REQUIRE(host.say("room-a", "欢迎").has_done());
    REQUIRE(host.say("room-a", "oops").has_done());
    const auto oops = host.wait_chat("oops");
    CHECK(oops.event().chat().role() == v1::ROLE_HOST);
    REQUIRE(host.pin("room-a", "offer-a1").has_done());
    REQUIRE(host.ask(delete_chat("room-a", oops.event().chat().id())).has_done());
    const auto gone = host.wait_event([](const v1::SequencedEvent& event) { return event.event().has_chat_deleted(); });
    CHECK(gone.event().chat_deleted().chat_id() == oops.event().chat().id());

    Client late(house, {}, Format::json);
    const auto snapshot = late.join("room-a");
    CHECK_FALSE(snapshot.recovered());
    CHECK(snapshot.seq() == gone.seq());
    CHECK(snapshot.pin().offer_id() == "offer-a1");
    CHECK(std::abs(snapshot.pin().media_time_ms() - snapshot.server_ms()) < 60'000);
    CHECK(snapshot.show().id() == "show-a");
    CHECK(snapshot.show().offers_size() == 2);
    REQUIRE(snapshot.chat_size() == 1);
    CHECK(snapshot.chat(0).event().chat().text() == "欢迎");
}

TEST_CASE("a viewer who comes back gets what it missed, without a gap and without a double", "[room][system]") {
    House house(House::Settings{{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}});
    const auto token = house.buyer("小王");
    Client speaker(house, token);
    speaker.join("room-a");
    auto viewer = std::make_unique<Client>(house);
    viewer->join("room-a");
    REQUIRE(speaker.say("room-a", "line 0").has_done());
    const auto last = viewer->wait_chat("line 0").seq();
    const auto epoch = viewer->epoch();
    viewer->drop();
    for (int i = 1; i <= 30; ++i) REQUIRE(speaker.say("room-a", "line " + std::to_string(i)).has_done());

    Client back(house);
    const auto snapshot = back.join("room-a", epoch, last);
    CHECK(snapshot.recovered());
    CHECK(snapshot.seq() == last);
    for (int i = 1; i <= 30; ++i) {
        const auto event = back.wait_event([](const v1::SequencedEvent& each) { return each.seq() > 0; });
        CHECK(event.seq() == last + i);
        CHECK(event.event().chat().text() == "line " + std::to_string(i));
    }
    CHECK_FALSE(back.join("room-a", "another-epoch", last).recovered());
}

TEST_CASE("only those with a role in this room may pin, moderate or sell there", "[room][system]") {
    House house;
    Client guest(house), viewer(house, house.buyer("小王")), other_host(house, house.host_of("room-b"));
    for (auto* client : {&guest, &viewer, &other_host}) client->join("room-a");
    CHECK(failure_code(guest.pin("room-a", "offer-a1")) == "unauthenticated");
    CHECK(failure_code(guest.say("room-a", "hi")) == "unauthenticated");
    CHECK(failure_code(viewer.pin("room-a", "offer-a1")) == "forbidden");
    CHECK(failure_code(other_host.pin("room-a", "offer-a1")) == "forbidden");
    CHECK(failure_code(other_host.ask(mute("room-a", "someone", 1000))) == "forbidden");
    CHECK(failure_code(other_host.ask(delete_chat("room-a", "some-line"))) == "forbidden");
    v1::ClientMessage open;
    open.mutable_open_offer()->set_show_id("show-a");
    open.mutable_open_offer()->set_offer_id("offer-a1");
    CHECK(failure_code(other_host.ask(open)) == "forbidden");
    v1::ClientMessage watch;
    watch.mutable_watch_dashboard();
    CHECK(failure_code(other_host.ask(watch)) == "forbidden");
    CHECK(other_host.join("room-b").room_id() == "room-b");
    CHECK(other_host.pin("room-b", "offer-b1").has_done());
    CHECK(failure_code(other_host.pin("room-b", "offer-a1")) == "not_found");
}

TEST_CASE("bytes that are no message end the connection with 3501", "[room][system]") {
    House house;
    for (const auto format : {Format::proto, Format::json}) {
        Client client(house, {}, format);
        client.join("room-a");
        client.send_bytes("\x01 no message {");
        CHECK(client.wait_close() == 3501);
    }
}

TEST_CASE("a muted account is silent on every connection until it is unmuted", "[room][system]") {
    House house;
    Client host(house, house.host_of("room-a"));
    host.join("room-a");
    const auto token = house.buyer("小王");
    Client rude(house, token);
    rude.join("room-a");
    REQUIRE(rude.say("room-a", "rude").has_done());
    const auto account = host.wait_chat("rude").event().chat().account_id();
    REQUIRE(host.ask(mute("room-a", account, 600'000)).has_done());
    const auto is_mute = [](const v1::SequencedEvent& event) { return event.event().has_mute(); };
    rude.wait_event(is_mute);
    CHECK(failure_code(rude.say("room-a", "again")) == "forbidden");
    Client second(house, token);
    second.join("room-a");
    CHECK(failure_code(second.say("room-a", "again")) == "forbidden");
    REQUIRE(host.ask(mute("room-a", account, 0)).has_done());
    rude.wait_event(is_mute);
    CHECK(rude.say("room-a", "sorry").has_done());
}

TEST_CASE("a viewer who does not read is closed with 3008 while the others go on", "[room][system]") {
    House house(House::Settings{{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"},
                 {"LIVEFAIR_LIMITS_OUTBOX_BYTES_MAX", "65536"},
                 {"LIVEFAIR_ROOM_CHAT_CHARS_MAX", "1000"},
                 {"LIVEFAIR_ROOM_TICK_MS", "0"}});
    Client host(house, house.host_of("room-a")), slow(house), good(house);
    slow.join("room-a");
    host.join("room-a");
    good.join("room-a");
    // The host's chat is must-deliver; enough of it fills the kernel's buffers and then the outbox.
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "米";
    for (int i = 0; i < 3000; ++i) {
        REQUIRE(host.say("room-a", text).has_done());
        good.wait_chat(text);
    }
    CHECK(slow.wait_close() == 3008);
    REQUIRE(host.say("room-a", "end").has_done());
    good.wait_chat("end");
}

TEST_CASE("when Redis is killed sockets stay, and chat resumes after its restart", "[room][system]") {
    House house;
    Client speaker(house, house.buyer("小王")), viewer(house);
    speaker.join("room-a");
    viewer.join("room-a");
    REQUIRE(speaker.say("room-a", "before").has_done());
    const auto before = viewer.wait_chat("before");
    house.redis().kill9();
    REQUIRE(eventually([&] { return house.health("/ready") == 503; }));
    CHECK(house.health("/healthz") == 200);
    const auto refused = speaker.say("room-a", "during");
    CHECK((failure_code(refused) == "redis_unavailable" || failure_code(refused) == "redis_unknown"));

    house.redis().restart();
    REQUIRE(eventually([&] { return house.health("/ready") == 200; }));
    REQUIRE(eventually([&] { return speaker.say("room-a", "after").has_done(); }));
    const auto after = viewer.wait_chat("after");
    CHECK(after.seq() == before.seq() + 1);
}

TEST_CASE("a private room is there for those with a role in it, and for nobody else", "[room][system]") {
    House house;
    const auto host_token = house.host_of("room-b");
    Client host(house, host_token), other_host(house, house.host_of("room-a")), buyer(house, house.buyer("小王")), guest(house);
    CHECK(guest.join("room-b").room_id() == "room-b");
    house.call("POST", "/api/v1/shows/show-b/access", R"({"isPrivate":true})", host_token);
    v1::ClientMessage join;
    join.mutable_join()->set_room_id("room-b");
    // What a shard knows of a show is at most two seconds old.
    for (auto* client : {&guest, &buyer, &other_host}) CHECK(eventually([&] { return failure_code(client->ask(join)) == "not_found"; }));
    CHECK(host.join("room-b").room_id() == "room-b");
    CHECK_THROWS_WITH(house.call("GET", "/api/v1/rooms/room-b/history", {}, {}), Catch::Contains("404"));
    CHECK(house.call("GET", "/api/v1/rooms/room-b/history", {}, host_token).find("epoch") != std::string::npos);
}

TEST_CASE("SIGTERM tells every viewer to come back and ends with exit code 0", "[room][system]") {
    House house(House::Settings{{"LIVEFAIR_SERVER_DRAIN_MS", "2000"}});
    std::vector<std::unique_ptr<Client>> viewers;
    for (int i = 0; i < 10; ++i) {
        viewers.push_back(std::make_unique<Client>(house, std::string(), i % 2 == 0 ? Format::proto : Format::json));
        viewers.back()->join("room-a");
    }
    house.server().signal(SIGTERM);
    for (const auto& viewer : viewers) CHECK(viewer->wait_close() == 3001);
    const auto status = house.server().wait(std::chrono::seconds(10));
    REQUIRE(status.has_value());
    CHECK(*status == 0);
}

TEST_CASE("hosts see the sums of their show, viewers never do, and operators the dashboard", "[room][system]") {
    House house;
    const auto buyer_token = house.buyer("小王");
    const auto address = house.call("POST", "/api/v1/addresses",
        R"({"id":"home","recipient":"王","phone":"13800000001","regionCode":"430100","regionName":"长沙","detail":"1 号"})", buyer_token);
    Client host(house, house.host_of("room-a")), buyer(house, buyer_token), site(house, house.site_operator());
    host.join("room-a");
    buyer.join("room-a");
    v1::ClientMessage watch;
    watch.mutable_watch_dashboard();
    REQUIRE(site.ask(watch).has_done());
    v1::ClientMessage open;
    open.mutable_open_offer()->set_show_id("show-a");
    open.mutable_open_offer()->set_offer_id("offer-a1");
    REQUIRE(host.ask(open).has_done());
    const auto opened = buyer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_offer(); });
    CHECK(opened.event().offer().offer().state() == v1::OFFER_STATE_OPEN);

    v1::ClientMessage place;
    auto& order = *place.mutable_place_order();
    order.set_order_id("an-order-of-this-test");
    order.set_show_id("show-a");
    order.set_offer_id("offer-a1");
    order.set_quantity(2);
    order.set_address_id("home");
    const auto answer = buyer.ask(place);
    REQUIRE(answer.order_answer().outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(answer.order_answer().amount_fen() == 5980);
    CHECK(buyer.wait_event([](const v1::SequencedEvent& event) {
                   // The first thing that would tell a viewer about money must not come before the stock.
                   CHECK_FALSE(event.event().has_totals());
                   return event.event().has_stock();
               }).event().stock().left() == 98);
    const auto sums = host.wait_event([](const v1::SequencedEvent& event) { return event.event().has_totals(); });
    CHECK(sums.event().totals().show().reserved_fen() == 5980);
    const auto shown = site.wait_message([](const v1::ServerMessage& message) {
        return message.has_dashboard() && message.dashboard().shows_size() == 2 &&
               message.dashboard().shows(0).totals().show().reserved_fen() + message.dashboard().shows(1).totals().show().reserved_fen() == 5980;
    });
    CHECK(shown.dashboard().as_of_ms() > 0);
}
