#include "net/websocket_frame.hpp"

#include <vector>

#include "net/utf8.hpp"
#include "support/catch.hpp"

using namespace livefair::net;
using Kind = WebSocketEvent::Kind;

namespace {

std::vector<WebSocketEvent> feed(std::string_view bytes, std::size_t size, FrameReader::Limits limits = {}) {
    FrameReader reader(true, limits);
    std::vector<WebSocketEvent> events;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        auto piece = bytes.substr(at, size);
        while (auto event = reader.take(piece)) {
            events.push_back(*event);
            if (event->kind == Kind::violation) return events;
        }
    }
    return events;
}

std::string with_first_byte(std::string frame, unsigned char first) {
    frame[0] = static_cast<char>(first);
    return frame;
}

}  // namespace

TEST_CASE("frames come out the same in pieces of any size", "[net][websocket]") {
    const std::string melon = "瓜瓜";
    const auto bytes = masked_frame(Opcode::text, "hello", 0x01020304) + masked_frame(Opcode::binary, std::string(300, 'b'), 99) +
                       with_first_byte(masked_frame(Opcode::text, melon.substr(0, 4), 1), 0x01) +
                       masked_frame(Opcode::ping, "p", 5) + masked_frame(Opcode::continuation, melon.substr(4), 2) +
                       masked_frame(Opcode::binary, std::string(70'000, 'c'), 3) +
                       masked_frame(Opcode::close, close_payload(3001, "later"), 4);
    FrameReader::Limits limits;
    limits.message_bytes_max = 70'000;
    for (std::size_t size = 1; size <= 64; ++size) {
        INFO("pieces of " << size);
        const auto events = feed(bytes, size, limits);
        REQUIRE(events.size() == 6);
        CHECK(events[0].kind == Kind::text);
        CHECK(events[0].bytes == "hello");
        CHECK(events[1].bytes == std::string(300, 'b'));
        CHECK(events[2].kind == Kind::ping);
        CHECK(events[3].bytes == melon);
        CHECK(events[4].bytes.size() == 70'000);
        CHECK(events[5].kind == Kind::close);
        CHECK(events[5].close_code == 3001);
        CHECK(events[5].bytes == "later");
    }
}

TEST_CASE("a message may have 16 frames and no more", "[net][websocket]") {
    const auto piece = masked_frame(Opcode::continuation, "", 0);
    std::string bytes = with_first_byte(piece, 0x02);
    for (int i = 0; i < 14; ++i) bytes += with_first_byte(piece, 0x00);
    CHECK(feed(bytes + with_first_byte(piece, 0x80), 64).at(0).kind == Kind::binary);
    CHECK(feed(bytes + with_first_byte(piece, 0x00) + with_first_byte(piece, 0x80), 64).at(0).close_code == 1009);
}

TEST_CASE("the size limit counts the whole message and is known from the header", "[net][websocket]") {
    const std::string half(5000, 'x');
    const auto first = with_first_byte(masked_frame(Opcode::binary, half, 1), 0x02);
    CHECK(feed(first + masked_frame(Opcode::continuation, half, 1), 64).at(0).close_code == 1009);
    CHECK(feed(std::string("\x82\xff\x80\0\0\0\0\0\0\0\1\2\3\4", 14), 1).at(0).close_code == 1009);
}

TEST_CASE("lengths in a longer form than needed are refused", "[net][websocket]") {
    CHECK(feed(std::string("\x82\xfe\0\x7d\1\2\3\4", 8), 1).at(0).close_code == 1002);
    CHECK(feed(std::string("\x82\xff\0\0\0\0\0\0\xff\xff\1\2\3\4", 14), 1).at(0).close_code == 1002);
}

TEST_CASE("close codes that may not be sent are refused", "[net][websocket]") {
    for (const std::uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535})
        CHECK(feed(masked_frame(Opcode::close, close_payload(code, ""), 1), 64).at(0).close_code == 1002);
    for (const std::uint16_t code : {1000, 1001, 1011, 3000, 4999})
        CHECK(feed(masked_frame(Opcode::close, close_payload(code, ""), 1), 64).at(0).kind == Kind::close);
    CHECK(feed(masked_frame(Opcode::close, "x", 1), 64).at(0).close_code == 1002);
    CHECK(feed(masked_frame(Opcode::close, "", 1), 64).at(0).close_code == 1005);
    CHECK(feed(masked_frame(Opcode::close, close_payload(1000, "\xff"), 1), 64).at(0).close_code == 1007);
}

TEST_CASE("a client refuses masked frames of a server", "[net][websocket]") {
    FrameReader reader(false, {});
    const auto frame = masked_frame(Opcode::text, "x", 1);
    std::string_view bytes = frame;
    CHECK(reader.take(bytes)->close_code == 1002);
}

TEST_CASE("a long reason is cut between two characters", "[net][websocket]") {
    std::string reason;
    for (int i = 0; i < 50; ++i) reason += "瓜";
    CHECK(close_payload(1000, reason).size() == 2 + 123);
    CHECK(close_payload(1000, "a" + reason).size() == 2 + 121);
}

TEST_CASE("the accept key is the one of RFC 6455", "[net][websocket]") {
    CHECK(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
    CHECK_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ="));
    CHECK_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25j\r\n=="));
}

TEST_CASE("UTF-8 is what RFC 3629 says", "[net][utf8]") {
    for (const std::string text : {"", "a", "é", "瓜", "\xF0\x9F\x8D\x89", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
        CHECK(is_utf8(text));
    for (const std::string text : {"\x80", "\xC0\xAF", "\xC1\x81", "\xC3", "\xE0\x80\xAF", "\xE7\x93", "\xED\xA0\x80",
                                   "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
        CHECK_FALSE(is_utf8(text));
}
