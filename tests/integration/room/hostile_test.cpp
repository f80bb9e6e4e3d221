#include <catch2/catch.hpp>
#include <thread>

#include "integration/net/server_fixture.hpp"
#include "integration/room/house.hpp"
#include "net/deflate.hpp"
#include "net/websocket_frame.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

// Each attack ends by a rule of its own, while a line that is said during it reaches the room.

namespace {

House::Settings settings() {
    return {{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}, {"LIVEFAIR_ROOM_CHAT_PER_10S", "1000"}, {"LIVEFAIR_LIMITS_HANDSHAKE_MS", "3000"}};
}

std::string handshake(const std::string& headers = {}) {
    return "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
           "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: livefair.v1.json\r\n" +
           headers + "\r\n";
}

std::string frame(unsigned char first, const std::string& payload) {
    auto bytes = net::masked_frame(net::Opcode::text, payload, 7);
    bytes[0] = static_cast<char>(first);
    return bytes;
}

std::string closed_with(std::uint16_t code) { return net::wire_frame(net::Opcode::close, net::close_payload(code, {})); }

/// A room with a viewer who hears what a speaker says.
struct Scene {
    House house{settings()};
    Client speaker{house, house.buyer("小王")}, viewer{house};
    int lines = 0;

    Scene() {
        speaker.join("room-a");
        viewer.join("room-a");
    }
    void check_undisturbed() {
        const auto text = "line " + std::to_string(++lines);
        const auto begun = std::chrono::steady_clock::now();
        REQUIRE(speaker.say("room-a", text).has_done());
        viewer.wait_chat(text);
        CHECK(std::chrono::steady_clock::now() - begun < 2s);
    }
};

/// An attacker past the handshake.
struct Attacker {
    RawConnection connection;
    std::size_t head;
    explicit Attacker(Scene& scene, const std::string& headers = {}) : connection(scene.house.port()) {
        connection.send(handshake(headers));
        head = connection.read_until("\r\n\r\n").size();
    }
    std::string rest() { return connection.read_to_end().substr(head); }
};

}  // namespace

TEST_CASE("empty continuations, swelling messages, giant messages and foreign pages are refused, each by its rule, and the room goes on", "[hostile]") {
    Scene scene;
    {
        // The 17th frame of one message is too many: 1009.
        Attacker endless(scene);
        std::string empty_frames = frame(0x01, {});
        for (int i = 0; i < 100'000; ++i) empty_frames += frame(0x00, {});
        std::thread sender([&] { endless.connection.send(empty_frames); });
        scene.check_undisturbed();
        CHECK(endless.rest().substr(0, 4) == closed_with(1009));
        sender.join();
    }
    {
        // A few kilobytes that would be more than a megabyte: 1009.
        Attacker bomb(scene, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        const auto swelling = net::deflate_message(std::string(1'500'000, '0'));
        REQUIRE(swelling.size() < 8192);
        bomb.connection.send(frame(0xC1, swelling));
        scene.check_undisturbed();
        CHECK(bomb.rest() == closed_with(1009));
    }
    {
        // 10 MB, known from the header of the frame: 1009. The bytes that follow are not taken for anything.
        Attacker giant(scene);
        std::thread sender([&] { giant.connection.send(frame(0x81, std::string(10'000'000, '*'))); });
        scene.check_undisturbed();
        CHECK(giant.rest().substr(0, 4) == closed_with(1009));
        sender.join();
    }
    {
        RawConnection foreign(scene.house.port());
        foreign.send(handshake("Origin: https://evil.example\r\n"));
        CHECK(foreign.read_to_end().find("HTTP/1.1 403") == 0);
        scene.check_undisturbed();
    }
}

TEST_CASE("whoever sends one byte a second is closed when the request or the message has taken too long, and the room goes on", "[hostile]") {
    Scene scene;
    RawConnection slow_request(scene.house.port());
    Attacker slow_message(scene);
    const auto request = handshake();
    const auto message = frame(0x81, std::string(100, '*'));
    const auto begun = std::chrono::steady_clock::now();
    bool takes_request = true, takes_message = true;
    for (std::size_t i = 0; i < 30 && (takes_request || takes_message); ++i) {
        takes_request = takes_request && slow_request.send(request.substr(i, 1)) && !slow_request.has_ended();
        takes_message = takes_message && slow_message.connection.send(message.substr(i, 1)) && !slow_message.connection.has_ended();
        scene.check_undisturbed();
        std::this_thread::sleep_until(begun + (i + 1) * 1s);
    }
    CHECK(std::chrono::steady_clock::now() - begun < 20s);
    CHECK(slow_request.read_to_end().find("HTTP/1.1 101") == std::string::npos);
    // 1002, 10 s after the message has begun.
    CHECK(slow_message.rest() == closed_with(1002));
}
