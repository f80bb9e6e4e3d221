#include <catch2/catch.hpp>
#include <csignal>

#include "integration/room/event_stream.hpp"
#include "integration/room/house.hpp"

using namespace livefair;
using namespace livefair::test;
using room::Format;

namespace {

House::Settings settings() { return {{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}, {"LIVEFAIR_ROOM_CHAT_PER_10S", "1000"}}; }

bool has_seq(const v1::SequencedEvent& event) { return event.seq() > 0; }

}  // namespace

TEST_CASE("a viewer over server-sent events sees, says and buys what one over a WebSocket does", "[stream]") {
    House house(settings());
    const auto token = house.buyer("小王");
    house.call("POST", "/api/v1/addresses", R"({"id":"home","recipient":"王","phone":"13800000001","regionCode":"430100","regionName":"长沙","detail":"1 号"})",
               token);
    Client host(house, house.host_of("room-a")), viewer(house), buyer(house, token, Format::events);
    host.join("room-a");
    viewer.join("room-a");
    CHECK(buyer.join("room-a").show().id() == "show-a");
    REQUIRE(buyer.say("room-a", "来了").has_done());
    CHECK(viewer.wait_chat("来了").event().chat().nickname() == "小王");
    CHECK(buyer.wait_chat("来了").seq() > 0);
    REQUIRE(host.pin("room-a", "offer-a1").has_done());
    CHECK(buyer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_pin(); }).event().pin().price_fen() == 2990);
    REQUIRE(host.ask(open_offer()).has_done());
    CHECK(buyer.ask(order("an-order-by-stream")).order_answer().outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(buyer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_stock(); }).event().stock().left() == 99);
    CHECK(buyer.pin("room-a", "offer-a1").failure().code() == "forbidden");
}

TEST_CASE("a viewer over server-sent events who comes back gets what it missed, without a gap and without a double", "[stream]") {
    House house(settings());
    Client speaker(house, house.buyer("小王"));
    speaker.join("room-a");
    Client viewer(house, {}, Format::events);
    viewer.join("room-a");
    REQUIRE(speaker.say("room-a", "line 0").has_done());
    const auto last = viewer.wait_chat("line 0").seq();
    for (int drop = 0; drop < 20; ++drop) {
        Client gone(house, {}, Format::events);
        gone.join("room-a");
        gone.drop();
    }
    viewer.drop();
    for (int i = 1; i <= 30; ++i) REQUIRE(speaker.say("room-a", "line " + std::to_string(i)).has_done());
    Client back(house, {}, Format::events);
    CHECK(back.join("room-a", viewer.epoch(), last).recovered());
    for (int i = 1; i <= 30; ++i) {
        const auto event = back.wait_event(has_seq);
        CHECK(event.seq() == last + i);
        CHECK(event.event().chat().text() == "line " + std::to_string(i));
    }
    // Another life of the room, or a place that nobody has kept: a fresh snapshot, no loop.
    CHECK_FALSE(Client(house, {}, Format::events).join("room-a", "another epoch", last).recovered());
}

TEST_CASE("a stream's messages need its secret, its form, and their turn", "[stream]") {
    House house(settings());
    EventStream stream(house.context(), house.port(), {});
    CHECK(stream.head().find("Content-Type: text/event-stream") != std::string::npos);
    CHECK(stream.head().find("X-Accel-Buffering: no") != std::string::npos);
    for (const std::string id : {"", "0", "0.", "x.1", "7.0123456789abcdef0123456789abcdef", "0.0123456789abcdef0123456789abcdef"})
        CHECK(stream.post_as(id, "{}") == 404);
    CHECK(stream.post(std::string(9000, ' ')) == 413);
    REQUIRE(stream.post(R"({"requestId":1,"ping":{"clientMs":"7"}})") == 202);
    CHECK(stream.next_data().find(R"("pong":{"clientMs":"7")") != std::string::npos);
    EventStream other(house.context(), house.port(), {});
    REQUIRE(other.post("no message") == 202);
    CHECK(other.next_data().empty());
    CHECK(other.close_code() == 3501);
    CHECK(other.post("{}") == 404);
    // The first one goes on.
    REQUIRE(stream.post(R"({"requestId":2,"ping":{"clientMs":"8"}})") == 202);
    CHECK(stream.next_data().find(R"("clientMs":"8")") != std::string::npos);
}

TEST_CASE("at SIGTERM a stream is told to come back", "[stream]") {
    House house(settings());
    Client viewer(house, {}, Format::events);
    viewer.join("room-a");
    house.server().signal(SIGTERM);
    CHECK(viewer.wait_close() == 3001);
    CHECK(house.server().wait(std::chrono::seconds(10)) == 0);
}

TEST_CASE("a stream from a foreign page is refused", "[stream]") {
    House house(settings());
    const auto answer = run_task(house.context(), net::http_request("GET", "http://127.0.0.1:" + std::to_string(house.port()) + "/api/v1/stream",
                                                                    {{"origin", "https://evil.example"}}, {}, std::chrono::seconds(10)));
    REQUIRE(answer);
    CHECK(answer->status == 403);
}
