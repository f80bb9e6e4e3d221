#include <string>
#include <vector>

#include "integration/net/server_fixture.hpp"
#include "net/websocket_frame.hpp"
#include "support/catch.hpp"

using namespace livefair;
using test::ServerFixture;

// The rules of RFC 6455 one by one, as bytes on a socket: what a client sends after the handshake, and all that the server may answer up to
// its end. The server sends every message back.

namespace {

struct Rule {
    std::string name;
    std::string sent;
    std::string answer;
};
using Rules = std::vector<Rule>;

constexpr unsigned char fin = 0x80;
constexpr unsigned char continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
constexpr std::uint32_t mask = 0x37FA213D;

/// A client's frame with any first byte.
std::string frame(unsigned char first, const std::string& payload, std::uint32_t masked_with = mask) {
    auto bytes = net::masked_frame(net::Opcode::text, payload, masked_with);
    bytes[0] = static_cast<char>(first);
    return bytes;
}

std::string from_server(unsigned char opcode, const std::string& payload) { return net::wire_frame(static_cast<net::Opcode>(opcode), payload); }
std::string closed_with(std::uint16_t code) { return from_server(close, net::close_payload(code, {})); }

/// A lawful exchange, ended by the client.
Rule lawful(std::string name, const std::string& sent, const std::string& answer) {
    return {std::move(name), sent + frame(fin | close, net::close_payload(1000, {})), answer + closed_with(1000)};
}
/// What breaks a rule; nothing that follows is answered.
Rule broken(std::string name, const std::string& sent, std::uint16_t code, const std::string& answer_before = {}) {
    return {std::move(name), sent + frame(fin | text, "after the end"), answer_before + closed_with(code)};
}

void add(Rules& to, Rules from) { to.insert(to.end(), from.begin(), from.end()); }

Rules lengths_and_masks() {
    Rules rules;
    for (const std::size_t size : {0, 1, 125, 126, 127, 128, 1000, 65'534, 65'535, 65'536, 65'537, 131'072})
        for (const unsigned char opcode : {text, binary}) {
            const std::string payload(size, '*');
            rules.push_back(lawful("a message of " + std::to_string(size) + " bytes", frame(fin | opcode, payload), from_server(opcode, payload)));
        }
    for (const std::uint32_t each : {0U, 1U, 0xFFFFFFFFU})
        rules.push_back(lawful("any mask will do", frame(fin | text, "abcdefgh", each), from_server(text, "abcdefgh")));
    rules.push_back(broken("an unmasked text frame", from_server(text, "hi"), 1002));
    rules.push_back(broken("an unmasked empty frame", from_server(binary, ""), 1002));
    rules.push_back(broken("an unmasked ping", from_server(ping, ""), 1002));
    rules.push_back(broken("an unmasked close", from_server(close, net::close_payload(1000, {})), 1002));
    rules.push_back(broken("16 bits for a length of 125", std::string("\x82\xfe\0\x7d\1\2\3\4", 8), 1002));
    rules.push_back(broken("16 bits for a length of 0", std::string("\x82\xfe\0\0\1\2\3\4", 8), 1002));
    rules.push_back(broken("64 bits for a length of 125", std::string("\x82\xff\0\0\0\0\0\0\0\x7d\1\2\3\4", 14), 1002));
    rules.push_back(broken("64 bits for a length of 65535", std::string("\x82\xff\0\0\0\0\0\0\xff\xff\1\2\3\4", 14), 1002));
    rules.push_back(broken("a length beyond the limit", std::string("\x82\xff\0\0\0\0\0\x10\0\0\1\2\3\4", 14), 1009));
    rules.push_back(broken("a length of 2^40", std::string("\x82\xff\0\0\1\0\0\0\0\0\1\2\3\4", 14), 1009));
    rules.push_back(broken("a length with the highest bit", std::string("\x82\xff\x80\0\0\0\0\0\0\0\1\2\3\4", 14), 1009));
    return rules;
}

Rules reserved_bits_and_opcodes() {
    Rules rules;
    for (unsigned bits = 1; bits < 8; ++bits)
        for (const unsigned char opcode : {text, binary, ping, close})
            rules.push_back(broken("reserved bits " + std::to_string(bits) + " with opcode " + std::to_string(opcode),
                                   frame(static_cast<unsigned char>(fin | bits << 4 | opcode), "x"), 1002));
    for (const unsigned char opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
        const auto name = "opcode " + std::to_string(opcode);
        rules.push_back(broken(name, frame(fin | opcode, ""), 1002));
        rules.push_back(broken(name + " after a message", frame(fin | text, "a") + frame(fin | opcode, "x"), 1002, from_server(text, "a")));
    }
    return rules;
}

Rules pings() {
    Rules rules;
    for (const std::string& payload : {std::string(), std::string("hello"), std::string("\0\xff\xfe\xfd\xfc\xfb\0\xff", 8), std::string(125, '\xfe')})
        rules.push_back(lawful("a ping of " + std::to_string(payload.size()), frame(fin | ping, payload), from_server(pong, payload)));
    rules.push_back(broken("a ping of 126", frame(fin | ping, std::string(126, 'p')), 1002));
    rules.push_back(broken("a pong of 126", frame(fin | pong, std::string(126, 'p')), 1002));
    rules.push_back(lawful("a pong that nobody asked for", frame(fin | pong, "") + frame(fin | pong, "x"), ""));
    rules.push_back(lawful("a pong, then a ping", frame(fin | pong, "x") + frame(fin | ping, "y"), from_server(pong, "y")));
    std::string many, answers;
    for (int i = 0; i < 5; ++i) {
        many += frame(fin | ping, std::to_string(i));
        answers += from_server(pong, std::to_string(i));
    }
    rules.push_back(lawful("five pings, in order", many, answers));
    rules.push_back(broken("a ping in two pieces", frame(ping, "a") + frame(fin | continuation, "b"), 1002));
    rules.push_back(broken("a pong in two pieces", frame(pong, "a") + frame(fin | continuation, "b"), 1002));
    return rules;
}

Rules fragments() {
    Rules rules;
    const auto two = [](unsigned char opcode) { return frame(opcode, "one") + frame(fin | continuation, "two"); };
    for (const unsigned char opcode : {text, binary}) {
        rules.push_back(lawful("two pieces", two(opcode), from_server(opcode, "onetwo")));
        rules.push_back(lawful("a ping between two pieces", frame(opcode, "one") + frame(fin | ping, "p") + frame(fin | continuation, "two"),
                               from_server(pong, "p") + from_server(opcode, "onetwo")));
        rules.push_back(lawful("a pong between two pieces", frame(opcode, "one") + frame(fin | pong, "p") + frame(fin | continuation, "two"),
                               from_server(opcode, "onetwo")));
        rules.push_back(lawful("empty pieces", frame(opcode, "") + frame(continuation, "") + frame(fin | continuation, ""), from_server(opcode, "")));
        rules.push_back(lawful("empty pieces around one", frame(opcode, "") + frame(continuation, "x") + frame(fin | continuation, ""),
                               from_server(opcode, "x")));
        rules.push_back(broken("a message inside another", frame(opcode, "one") + frame(fin | text, "two"), 1002));
        rules.push_back(broken("the begin of a message inside another", frame(opcode, "one") + frame(binary, "two"), 1002));
        rules.push_back(broken("a continuation after the end", two(opcode) + frame(fin | continuation, "three"), 1002, from_server(opcode, "onetwo")));
        rules.push_back({"a close between two pieces", frame(opcode, "one") + frame(fin | close, net::close_payload(1000, {})), closed_with(1000)});
    }
    rules.push_back(broken("a final continuation of nothing", frame(fin | continuation, "x"), 1002));
    rules.push_back(broken("a continuation of nothing", frame(continuation, "x"), 1002));
    std::string sixteen = frame(text, "");
    for (int i = 0; i < 14; ++i) sixteen += frame(continuation, "x");
    rules.push_back(lawful("16 pieces", sixteen + frame(fin | continuation, "x"), from_server(text, std::string(15, 'x'))));
    rules.push_back(broken("17 pieces", sixteen + frame(continuation, "x") + frame(fin | continuation, "x"), 1009));
    return rules;
}

Rules texts() {
    Rules rules;
    const auto valid = {"κόσμε", "瓜果飘香", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD", "\xEF\xBF\xBF",
                        "\xF0\x90\x80\x80", "\xF3\xB0\x80\x80", "\xF4\x8F\xBF\xBF", "🍊"};
    for (const std::string each : valid) {
        rules.push_back(lawful("valid UTF-8", frame(fin | text, each), from_server(text, each)));
        for (std::size_t cut = 1; cut < each.size(); cut += 5)
            rules.push_back(lawful("valid UTF-8 cut at " + std::to_string(cut), frame(text, each.substr(0, cut)) + frame(fin | continuation, each.substr(cut)),
                                   from_server(text, each)));
    }
    const auto invalid = {"\x80", "\xBF", "\x80\xBF\x80", "\xC0", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xC3\x28", "\xE0\x80\xAF", "\xE0\x9F\xBF", "\xE2\x82", "\xE2\x28\xA1",
                          "\xED\xA0\x80", "\xED\xAF\xBF", "\xED\xBF\xBF", "\xED\xA0\x80\xED\xB0\x80", "\xF0\x80\x80\xAF", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x8D", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFC\x84\x80\x80\x80\x80", "\xFE", "\xFF", "good, then bad: \xCE\xBA\xE1\xBD\xB9\xCF\x83\xF4\x90\x80\x80"};
    for (const std::string each : invalid) {
        rules.push_back(broken("invalid UTF-8", frame(fin | text, each), 1007));
        rules.push_back(lawful("what is invalid as text is lawful as binary", frame(fin | binary, each), from_server(binary, each)));
    }
    rules.push_back(broken("invalid UTF-8 across pieces", frame(text, "\xCE") + frame(fin | continuation, "\xCE"), 1007));
    return rules;
}

Rules closes() {
    Rules rules;
    rules.push_back({"a close without a code", frame(fin | close, ""), closed_with(1000)});
    rules.push_back(broken("half a code", frame(fin | close, "\x03"), 1002));
    rules.push_back({"a reason of 123 bytes", frame(fin | close, net::close_payload(1000, std::string(123, 'r'))), closed_with(1000)});
    rules.push_back(broken("a close of 126 bytes", frame(fin | close, std::string("\x03\xE8") + std::string(124, 'r')), 1002));
    rules.push_back(broken("a reason that is no UTF-8", frame(fin | close, std::string("\x03\xE8\xCE\xBA\xF4\x90\x80\x80")), 1007));
    rules.push_back(broken("a close in two pieces", frame(close, net::close_payload(1000, {})), 1002));
    for (const std::uint16_t code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
        rules.push_back({"code " + std::to_string(code), frame(fin | close, net::close_payload(code, "bye")), closed_with(code)});
    for (const std::uint16_t code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
        rules.push_back(broken("code " + std::to_string(code), frame(fin | close, net::close_payload(code, {})), 1002));
    const auto bye = frame(fin | close, net::close_payload(1000, {}));
    rules.push_back({"two closes", bye + bye, closed_with(1000)});
    rules.push_back({"a message after the close", bye + frame(fin | text, "x"), closed_with(1000)});
    rules.push_back({"a ping after the close", bye + frame(fin | ping, "x"), closed_with(1000)});
    rules.push_back({"nonsense after the close", bye + std::string(100, '\xff'), closed_with(1000)});
    return rules;
}

const std::string handshake =
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// All that the server sends after the handshake, when it gets `sent` in pieces of this size.
std::string answer_to(ServerFixture& f, const std::string& sent, std::size_t piece) {
    test::RawConnection connection(f.server->port());
    connection.send(handshake);
    const auto head = connection.read_until("\r\n\r\n").size();
    for (std::size_t at = 0; at < sent.size() && connection.send(sent.substr(at, piece)); at += piece) {
    }
    return connection.read_to_end().substr(head);
}

void check(const Rules& rules) {
    net::HttpOptions options;
    options.message_bytes_max = 1'000'000;
    ServerFixture f(options);
    for (const auto& rule : rules) {
        INFO(rule.name);
        CHECK(answer_to(f, rule.sent, rule.sent.size()) == rule.answer);
        // A long message byte by byte says nothing that a short one does not.
        if (rule.sent.size() < 500) CHECK(answer_to(f, rule.sent, 1) == rule.answer);
    }
    CHECK(f.request("GET", "/still-serving").status == 200);
}

}  // namespace

TEST_CASE("messages of every length and mask come back, and no other form of a length is taken", "[net][websocket]") { check(lengths_and_masks()); }
TEST_CASE("reserved bits and opcodes end the connection with 1002", "[net][websocket]") { check(reserved_bits_and_opcodes()); }
TEST_CASE("pings are answered in order, and control frames are short and whole", "[net][websocket]") { check(pings()); }
TEST_CASE("a message may come in pieces, with control frames between them", "[net][websocket]") { check(fragments()); }
TEST_CASE("text is UTF-8 and nothing else", "[net][websocket]") { check(texts()); }
TEST_CASE("a close is answered with its code, if that may be sent", "[net][websocket]") { check(closes()); }

TEST_CASE("the rules are more than 150", "[net][websocket]") {
    Rules all;
    for (const auto& each : {lengths_and_masks(), reserved_bits_and_opcodes(), pings(), fragments(), texts(), closes()}) add(all, each);
    CHECK(all.size() >= 150);
}
