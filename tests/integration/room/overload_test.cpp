#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "integration/net/server_fixture.hpp"
#include "integration/room/house.hpp"
#include "net/websocket_frame.hpp"
#include "room/overload.hpp"

using namespace livefair;
using namespace livefair::test;

namespace {

constexpr const char* room_a = "room-a";

v1::ClientMessage join_message() {
    v1::ClientMessage message;
    message.mutable_join()->set_room_id(room_a);
    return message;
}

std::string handshake() {
    return "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: livefair.v1.proto\r\n\r\n";
}

/// A viewer of room-a that reads nothing once it has entered, and for whom the kernel keeps little.
class Frozen {
public:
    explicit Frozen(House& house) : connection_(house.port(), 4096) {
        connection_.send(handshake());
        connection_.read_until("\r\n\r\n");
        ask();
        connection_.read_until(room_a);
    }
    /// Asks for the room's snapshot, some 10.6 KB, so often that some 800 KB wait for it.
    void fill() {
        for (int i = 0; i < 76; ++i) ask();
    }

private:
    void ask() { connection_.send(net::masked_frame(net::Opcode::binary, join_message().SerializeAsString(), 7)); }
    RawConnection connection_;
};

std::string code_of(const v1::ServerMessage& answer) { return answer.has_failure() ? answer.failure().code() : ""; }

/// Waits until the program says of itself that it is in this state.
bool comes_to(House& house, room::Load load) {
    const auto line = "livefair_overload_state " + std::to_string(static_cast<int>(load)) + "\n";
    const auto is_there = [&] {
        RawConnection connection(house.gateway().health_port());
        connection.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        return connection.read_to_end().find(line) != std::string::npos;
    };
    return eventually(is_there, std::chrono::seconds(20));
}

std::string first_line_of_handshake(House& house) {
    RawConnection connection(house.port());
    connection.send(handshake());
    return connection.read_until("\r\n");
}

}  // namespace

TEST_CASE("as more waits for slow viewers chat is shed first, then joins, then connections, never orders, and all comes back", "[overload]") {
    House house(House::Settings{{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"},
                                {"LIVEFAIR_ROOM_CHAT_CHARS_MAX", "1000"},
                                {"LIVEFAIR_LIMITS_OUTBOX_BYTES_MAX", "1000000"},
                                {"LIVEFAIR_OVERLOAD_QUEUED_BYTES", "2800000"}});
    Client host(house, house.host_of(room_a)), buyer(house, house.buyer_with_address("小王")), guest(house), late(house);
    for (auto* client : {&host, &buyer, &guest}) client->join(room_a);
    for (int i = 0; i < 10; ++i) REQUIRE(host.say(room_a, std::string(1000, 'x')).has_done());
    std::vector<std::unique_ptr<Frozen>> frozen;
    for (int i = 0; i < 4; ++i) frozen.push_back(std::make_unique<Frozen>(house));
    REQUIRE(buyer.say(room_a, "before").has_done());
    REQUIRE(host.ask(open_offer()).has_done());

    frozen[0]->fill();
    frozen[1]->fill();
    REQUIRE(comes_to(house, room::Load::shed_chat));
    CHECK(code_of(buyer.say(room_a, "shed")) == "overloaded");
    REQUIRE(host.say(room_a, "staff are heard").has_done());
    guest.wait_chat("staff are heard");
    CHECK(late.join(room_a).room_id() == room_a);

    frozen[2]->fill();
    REQUIRE(comes_to(house, room::Load::shed_joins));
    CHECK(code_of(Client(house).ask(join_message())) == "overloaded");
    CHECK(late.join(room_a).room_id() == room_a);
    CHECK(Client(house, house.host_of(room_a)).join(room_a).room_id() == room_a);
    CHECK(house.health("/ready") == 200);

    frozen[3]->fill();
    REQUIRE(comes_to(house, room::Load::refuse));
    CHECK(first_line_of_handshake(house).find("HTTP/1.1 503") == 0);
    CHECK(house.health("/ready") == 503);
    CHECK(buyer.ask(order("an-order-in-the-crowd")).order_answer().outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(host.say(room_a, "still on air").has_done());
    guest.wait_chat("still on air");

    frozen.clear();
    REQUIRE(comes_to(house, room::Load::normal));
    CHECK(first_line_of_handshake(house).find("HTTP/1.1 101") == 0);
    REQUIRE(buyer.say(room_a, "after").has_done());
    guest.wait_chat("after");
}
