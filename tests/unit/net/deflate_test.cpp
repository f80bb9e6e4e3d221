#include "net/deflate.hpp"

#include <random>

#include "net/websocket_frame.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::net;

namespace {

constexpr std::size_t bytes_max = 100'000;

std::string bytes(std::initializer_list<int> values) {
    std::string all;
    for (const int value : values) all += static_cast<char>(value);
    return all;
}

}  // namespace

TEST_CASE("the examples of RFC 7692 7.2.3 mean Hello", "[net][deflate]") {
    CHECK(deflate_message("Hello") == bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}));
    CHECK(inflate_message(bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}), bytes_max).value() == "Hello");
    CHECK(inflate_message(bytes({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00}), bytes_max).value() == "Hello");
    CHECK(inflate_message(bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}), bytes_max).value() == "Hello");
    CHECK(inflate_message(bytes({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00}), bytes_max).value() == "Hello");
    CHECK(inflate_message(bytes({0x00}), bytes_max).value().empty());
}

TEST_CASE("what is deflated comes back the same, one message after the other", "[net][deflate]") {
    std::minstd_rand random(7);
    for (const std::size_t size : {0, 1, 100, 4095, 4096, 4097, 8192, 65'536, 100'000}) {
        const std::string zeros(size, '0');
        std::string noise(size, '\0');
        for (auto& each : noise) each = static_cast<char>(random());
        CHECK(inflate_message(deflate_message(zeros), bytes_max).value() == zeros);
        CHECK(inflate_message(deflate_message(noise), bytes_max).value() == noise);
    }
    CHECK(deflate_message("the same") == deflate_message("the same"));
}

TEST_CASE("a message is inflated up to its limit and not a byte further", "[net][deflate]") {
    CHECK(inflate_message(deflate_message(std::string(8192, '0')), 8192).has_value());
    CHECK(inflate_message(deflate_message(std::string(8193, '0')), 8192).error() == make_error_code(Errc::too_large));
    CHECK(inflate_message(deflate_message(std::string(100'000'000, '0')), 8192).error() == make_error_code(Errc::too_large));
    CHECK(inflate_message(deflate_message("x"), 0).error() == make_error_code(Errc::too_large));
}

TEST_CASE("what is no deflate data is refused", "[net][deflate]") {
    CHECK(inflate_message("\xFF\xFF\xFF", bytes_max).error() == make_error_code(Errc::invalid_input));
    CHECK(inflate_message(bytes({0xf2, 0x48, 0xcd}), bytes_max).error() == make_error_code(Errc::invalid_input));
    // A final block with another message behind it.
    CHECK(inflate_message(bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}) + deflate_message("more"), bytes_max).error() ==
          make_error_code(Errc::invalid_input));
    std::minstd_rand random(3);
    for (int i = 0; i < 1000; ++i) {
        std::string noise(random() % 100, '\0');
        for (auto& each : noise) each = static_cast<char>(random());
        const auto message = inflate_message(noise, 50);
        CHECK((!message || message->size() <= 50));
    }
}

TEST_CASE("an offer of permessage-deflate is taken when its parameters can be kept", "[net][deflate]") {
    for (const auto* good : {"permessage-deflate", "Permessage-Deflate ; client_max_window_bits", "permessage-deflate; client_max_window_bits=9",
                             "permessage-deflate; server_no_context_takeover; client_no_context_takeover", "permessage-deflate; server_max_window_bits=15",
                             "permessage-deflate;client_max_window_bits=\"15\""}) {
        INFO(good);
        CHECK(accepts_deflate(good));
    }
    for (const auto* bad : {"", "deflate", "permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits", "permessage-deflate; other",
                            "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=16",
                            "permessage-deflate; client_max_window_bits=08", "permessage-deflate; server_no_context_takeover=1",
                            "permessage-deflate; client_max_window_bits; client_max_window_bits", "permessage-deflate;", "permessage-bzip2"}) {
        INFO(bad);
        CHECK_FALSE(accepts_deflate(bad));
    }
}

TEST_CASE("compressed frames are read in pieces of any size", "[net][deflate]") {
    const std::string melons = [] {
        std::string text;
        for (int i = 0; i < 200; ++i) text += "瓜" + std::to_string(i);
        return text;
    }();
    const auto frame = deflated_wire_frame(Opcode::text, melons);
    CHECK(frame.size() < melons.size());
    for (std::size_t size = 1; size <= 64; ++size) {
        FrameReader reader(false, {8192, 16, true});
        std::vector<WebSocketEvent> events;
        for (std::size_t at = 0; at < frame.size(); at += size) {
            auto piece = std::string_view(frame).substr(at, size);
            while (auto event = reader.take(piece)) events.push_back(*event);
        }
        REQUIRE(events.size() == 1);
        CHECK(events[0].kind == WebSocketEvent::Kind::text);
        CHECK(events[0].bytes == melons);
        CHECK_FALSE(reader.is_inside_message());
    }
}
