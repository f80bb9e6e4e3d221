#include "net/websocket.hpp"

#include <atomic>

#include "integration/net/server_fixture.hpp"
#include "net/deflate.hpp"
#include "net/websocket_frame.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using test::ServerFixture;

namespace {

net::WebSocket::Message exchange(ServerFixture& f, net::WebSocket& socket, const std::string& bytes, bool text) {
    REQUIRE(test::run_task(f.context, socket.write(share_bytes(bytes), text)));
    auto answer = test::run_task(f.context, socket.read());
    REQUIRE(answer);
    return std::move(*answer);
}

}  // namespace

TEST_CASE("messages of every length form come back unchanged", "[net][websocket]") {
    net::HttpOptions options;
    options.message_bytes_max = 1'000'000;
    ServerFixture f(options);
    const auto socket = f.connect();
    REQUIRE(socket);
    for (const std::size_t size : {0, 1, 125, 126, 65'535, 65'536, 1'000'000}) {
        const std::string bytes(size, 'x');
        const auto answer = exchange(f, **socket, bytes, size % 2 == 0);
        CHECK(answer.bytes == bytes);
        CHECK(answer.text == (size % 2 == 0));
    }
    test::run_task(f.context, (*socket)->close(net::close_code::normal, "bye"));
    CHECK(test::run_until(f.context, [&] { return f.server->connections() == 0; }));
}

namespace {

const std::string handshake =
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

int status_of(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

int status_for(ServerFixture& f, const std::string& bytes) {
    test::RawConnection connection(f.server->port());
    connection.send(bytes);
    return status_of(connection.read_until("\r\n\r\n"));
}

/// What the server sends after a handshake and `frames`, up to its end.
std::string answer_to(ServerFixture& f, const std::string& frames) {
    test::RawConnection connection(f.server->port());
    connection.send(handshake + "\r\n");
    const auto head = connection.read_until("\r\n\r\n").size();
    connection.send(frames);
    auto answer = connection.read_to_end().substr(head);
    CHECK(connection.was_closed());
    return answer;
}

std::string close_frame(std::uint16_t code, const std::string& reason = {}) {
    const auto payload = net::close_payload(code, reason);
    return net::frame_header(net::Opcode::close, payload.size()) + payload;
}

}  // namespace

TEST_CASE("upgrades that break a rule are refused with its status", "[net][websocket]") {
    net::HttpOptions options;
    options.subprotocols = {"livefair.v1.proto", "livefair.v1.json"};
    options.refuses_upgrade = [](const net::HttpRequest& request) { return request.header("origin") == "https://evil.example" ? 403 : 0; };
    ServerFixture f(options);
    const std::string known = "Sec-WebSocket-Protocol: livefair.v1.json\r\n";
    CHECK(status_for(f, handshake + known + "\r\n") == 101);
    CHECK(status_for(f, handshake + "\r\n") == 400);
    CHECK(status_for(f, handshake + "Sec-WebSocket-Protocol: graphql-ws\r\n\r\n") == 400);
    CHECK(status_for(f, handshake + known + "Origin: https://evil.example\r\n\r\n") == 403);
    CHECK(status_for(f, handshake + known + "Upgrade: h2c\r\n\r\n") == 400);
    CHECK(status_for(f, handshake + known + "Content-Length: 1\r\n\r\nx") == 400);
    CHECK(status_for(f, handshake + known + "\r\n" + net::masked_frame(net::Opcode::text, "early", 1)) == 400);
    const auto with = [&](const std::string& from, const std::string& to) {
        auto changed = handshake + known + "\r\n";
        return changed.replace(changed.find(from), from.size(), to);
    };
    CHECK(status_for(f, with("Version: 13", "Version: 12")) == 426);
    CHECK(status_for(f, with("dGhlIHNhbXBsZSBub25jZQ==", "short")) == 400);
    CHECK(status_for(f, with("GET", "POST")) == 400);
    CHECK(status_for(f, with("keep-alive, Upgrade", "keep-alive")) == 400);
}

TEST_CASE("without compression in the options none is agreed on, and none taken", "[net][websocket]") {
    ServerFixture f;
    test::RawConnection connection(f.server->port());
    connection.send(handshake + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n");
    const auto head = connection.read_until("\r\n\r\n");
    CHECK(status_of(head) == 101);
    CHECK(head.find("xtensions") == head.npos);
    // A compressed frame all the same: RSV1.
    auto frame = net::masked_frame(net::Opcode::text, "x", 7);
    frame[0] = static_cast<char>(0xC1);
    connection.send(frame);
    CHECK(connection.read_to_end().substr(head.size()) == close_frame(1002));
}

TEST_CASE("with compression agreed on, compressed messages are taken, whole and in pieces, beside plain ones", "[net][websocket]") {
    net::HttpOptions options;
    options.websocket_deflate = true;
    ServerFixture f(options);
    test::RawConnection connection(f.server->port());
    connection.send(handshake + "Sec-WebSocket-Extensions: x-webkit-deflate-frame, permessage-deflate; client_max_window_bits\r\n\r\n");
    const auto head = connection.read_until("\r\n\r\n");
    CHECK(head.find("\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n") != head.npos);
    const auto frame = [](unsigned char first, const std::string& payload) {
        auto bytes = net::masked_frame(net::Opcode::text, payload, 7);
        bytes[0] = static_cast<char>(first);
        return bytes;
    };
    const auto packed = net::deflate_message("瓜瓜瓜瓜瓜瓜瓜瓜");
    connection.send(frame(0xC1, packed) + frame(0x81, "plain"));
    connection.send(frame(0x41, packed.substr(0, 2)) + frame(0x89, "p") + frame(0x80, packed.substr(2)));
    connection.send(frame(0x88, net::close_payload(1000, {})));
    const auto text = [](const std::string& bytes) { return net::wire_frame(net::Opcode::text, bytes); };
    CHECK(connection.read_to_end().substr(head.size()) == text("瓜瓜瓜瓜瓜瓜瓜瓜") + text("plain") + net::wire_frame(net::Opcode::pong, "p") +
                                                              text("瓜瓜瓜瓜瓜瓜瓜瓜") + close_frame(1000));
}

TEST_CASE("a small message that swells beyond the limit, and one that is no compressed data, end the connection", "[net][websocket]") {
    net::HttpOptions options;
    options.websocket_deflate = true;
    ServerFixture f(options);
    const auto answer_to = [&f](const std::string& payload, unsigned char first) {
        test::RawConnection connection(f.server->port());
        connection.send(handshake + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
        const auto head = connection.read_until("\r\n\r\n").size();
        auto frame = net::masked_frame(net::Opcode::text, payload, 7);
        frame[0] = static_cast<char>(first);
        connection.send(frame);
        return connection.read_to_end().substr(head);
    };
    // 1.5 MB in 7 KB.
    const auto bomb = net::deflate_message(std::string(1'500'000, '0'));
    REQUIRE(bomb.size() < 8192);
    CHECK(answer_to(bomb, 0xC1) == close_frame(1009));
    CHECK(answer_to("\xFF\xFF\xFF", 0xC1) == close_frame(1007));
    CHECK(answer_to(net::deflate_message("\xFF"), 0xC1) == close_frame(1007));
    CHECK(answer_to(net::deflate_message("ok"), 0xC0) == close_frame(1002));
    CHECK(answer_to(net::deflate_message("ok"), 0xE1) == close_frame(1002));
    CHECK(f.request("GET", "/still-serving").status == 200);
}

TEST_CASE("the best subprotocol that both know is agreed on", "[net][websocket]") {
    net::HttpOptions options;
    options.subprotocols = {"livefair.v1.proto", "livefair.v1.json"};
    ServerFixture f(options);
    const auto socket = f.connect({.subprotocol = "livefair.v1.json"});
    REQUIRE(socket);
    CHECK((*socket)->subprotocol() == "livefair.v1.json");
    CHECK(f.connect({.subprotocol = "other"}).error() == make_error_code(Errc::invalid_input));
}

TEST_CASE("frames that break a rule end the connection with its close code", "[net][websocket]") {
    ServerFixture f;
    using net::Opcode;
    const auto masked = [](std::string frame, unsigned char first) {
        frame[0] = static_cast<char>(first);
        return frame;
    };
    const std::string empty = net::masked_frame(Opcode::text, "", 7);
    std::string fragments = masked(empty, 0x01);
    for (int i = 0; i < 100'000; ++i) fragments += masked(empty, 0x00);
    CHECK(answer_to(f, fragments) == close_frame(1009));
    CHECK(answer_to(f, net::masked_frame(Opcode::text, std::string(8193, 'a'), 7)) == close_frame(1009));
    CHECK(answer_to(f, std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\1\2\3\4", 14)) == close_frame(1009));
    CHECK(answer_to(f, net::frame_header(Opcode::text, 2) + "hi") == close_frame(1002));
    CHECK(answer_to(f, masked(empty, 0xC1)) == close_frame(1002));
    CHECK(answer_to(f, masked(empty, 0x83)) == close_frame(1002));
    CHECK(answer_to(f, masked(empty, 0x80)) == close_frame(1002));
    CHECK(answer_to(f, masked(empty, 0x09)) == close_frame(1002));
    CHECK(answer_to(f, net::masked_frame(Opcode::ping, std::string(126, 'a'), 7)) == close_frame(1002));
    CHECK(answer_to(f, net::masked_frame(Opcode::text, "\xC0\xAF", 7)) == close_frame(1007));
    CHECK(answer_to(f, net::masked_frame(Opcode::close, net::close_payload(1005, ""), 7)) == close_frame(1002));
    CHECK(f.request("GET", "/still-serving").status == 200);
}

TEST_CASE("a ping is answered with its payload, a close with its code", "[net][websocket]") {
    ServerFixture f;
    const auto answer = answer_to(f, net::masked_frame(net::Opcode::ping, "abc", 7) +
                                         net::masked_frame(net::Opcode::close, net::close_payload(4000, "bye"), 7));
    CHECK(answer == net::frame_header(net::Opcode::pong, 3) + "abc" + close_frame(4000));
}

TEST_CASE("a silent peer is pinged, then closed with 3012", "[net][websocket]") {
    net::HttpOptions options;
    options.idle_ms = 300;
    ServerFixture f(options);
    const auto answer = answer_to(f, "");
    const auto ping = net::frame_header(net::Opcode::ping, 0);
    CHECK(answer == ping + ping + close_frame(net::close_code::no_pong));
}

TEST_CASE("a peer that answers pings stays", "[net][websocket]") {
    net::HttpOptions options;
    options.idle_ms = 200;
    ServerFixture f(options);
    const auto socket = f.connect();
    REQUIRE(socket);
    // The client answers pings while it reads; it gets no message for three idle times.
    bool has_ended = false;
    const auto read = [](std::shared_ptr<net::WebSocket> on, bool* ended) -> net::Task<> {
        co_await on->read();
        *ended = true;
    };
    net::spawn(f.context.get_executor(), read(*socket, &has_ended), "reader");
    CHECK_FALSE(test::run_until(f.context, [&] { return has_ended; }, 600ms));
    (*socket)->abort();
    CHECK(test::run_until(f.context, [&] { return has_ended; }));
}

namespace {

/// Ends of the handlers' calls, for the test's thread.
std::atomic<int> read_error{0}, write_error{0};

/// Writes until it fails.
net::Task<> flood(std::shared_ptr<net::WebSocket> socket) {
    const auto bytes = share_bytes(std::string(1'000'000, 'x'));
    for (;;) {
        const auto written = co_await socket->write(bytes, false);
        if (written) continue;
        write_error = written.error().value();
        co_return;
    }
}

net::Task<> read_once(std::shared_ptr<net::WebSocket> socket) {
    const auto message = co_await socket->read();
    read_error = message ? 0 : message.error().value();
}

/// Closes while a write and a read wait.
net::Task<> close_during_write(net::Shard& shard, std::shared_ptr<net::WebSocket> socket) {
    net::spawn(shard.executor(), flood(socket), "flood");
    net::spawn(shard.executor(), read_once(socket), "read");
    co_await net::sleep_for(200ms);
    co_await socket->close(net::close_code::going_away, "bye");
}

}  // namespace

TEST_CASE("a close ends a read and a write that wait, and the connection within a second", "[net][websocket]") {
    read_error = write_error = 0;
    ServerFixture f({}, ServerFixture::echo, close_during_write);
    test::RawConnection connection(f.server->port());
    connection.send(handshake + "\r\n");
    CHECK(test::eventually([] { return write_error != 0 && read_error != 0; }, 2s));
    CHECK(write_error == static_cast<int>(Errc::closed));
    CHECK(read_error == static_cast<int>(Errc::closed));
    CHECK(test::eventually([&] { return f.server->connections() == 0; }, 3s));
}

TEST_CASE("a peer that was too slow gets the code once it reads again", "[net][websocket]") {
    read_error = write_error = 0;
    const auto too_slow = [](net::Shard& shard, std::shared_ptr<net::WebSocket> socket) -> net::Task<> {
        net::spawn(shard.executor(), flood(socket), "flood");
        co_await net::sleep_for(200ms);
        co_await socket->close(net::close_code::slow, "too slow");
    };
    ServerFixture f({}, ServerFixture::echo, too_slow);
    test::RawConnection connection(f.server->port());
    connection.send(handshake + "\r\n");
    REQUIRE(test::eventually([] { return write_error != 0; }, 2s));
    // Longer than any other close would be waited for.
    CHECK_FALSE(test::eventually([&] { return f.server->connections() == 0; }, 1500ms));
    CHECK(connection.read_until("too slow").ends_with(close_frame(net::close_code::slow, "too slow")));
    connection.close();
    CHECK(test::eventually([&] { return f.server->connections() == 0; }, 3s));
}

TEST_CASE("a peer that reads nothing makes the write time out", "[net][websocket]") {
    read_error = write_error = 0;
    net::HttpOptions options;
    options.idle_ms = 300;
    const auto flood_it = [](net::Shard&, std::shared_ptr<net::WebSocket> socket) { return flood(socket); };
    ServerFixture f(options, ServerFixture::echo, flood_it);
    test::RawConnection connection(f.server->port());
    connection.send(handshake + "\r\n");
    CHECK(test::eventually([] { return write_error != 0; }, 5s));
    CHECK(test::eventually([&] { return f.server->connections() == 0; }, 5s));
}
