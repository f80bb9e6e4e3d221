#include "room/outbox.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace livefair;
using room::Frame;
using room::Outbox;

namespace {

SharedBytes bytes(std::size_t count, char fill) { return share_bytes(std::string(count, fill)); }

room::SharedFrame chat(std::size_t size) {
    auto frame = std::make_shared<Frame>();
    frame->all = bytes(size, 'c');
    frame->events = frame->droppable_events = 1;
    return frame;
}

room::SharedFrame pin(std::size_t size) {
    auto frame = std::make_shared<Frame>();
    frame->all = frame->without_chat = frame->must_only = bytes(size, 'p');
    frame->events = 1;
    return frame;
}

/// A frame with chat, a latest value and a pin, 30 bytes each.
room::SharedFrame mixed() {
    auto frame = std::make_shared<Frame>();
    frame->all = share_bytes(std::string(30, 'c') + std::string(30, 'l') + std::string(30, 'p'));
    frame->without_chat = share_bytes(std::string(30, 'l') + std::string(30, 'p'));
    frame->must_only = bytes(30, 'p');
    frame->events = 3;
    frame->droppable_events = frame->latest_events = 1;
    return frame;
}

std::vector<std::string> all_of(Outbox& outbox) {
    std::vector<std::string> sent;
    while (const auto next = outbox.pop()) sent.push_back(*next);
    return sent;
}

}  // namespace

TEST_CASE("an outbox gives back what was queued, in order, and wakes its writer", "[outbox]") {
    int wakes = 0;
    Outbox outbox(100, [&] { ++wakes; });
    REQUIRE(outbox.push(pin(10)));
    REQUIRE(outbox.push_answer(bytes(5, 'a')));
    CHECK(wakes == 2);
    CHECK(outbox.bytes() == 15);
    CHECK(all_of(outbox) == std::vector<std::string>{std::string(10, 'p'), std::string(5, 'a')});
    CHECK(outbox.bytes() == 0);
    CHECK(outbox.pop() == nullptr);
}

TEST_CASE("a full outbox drops the oldest chat, never an order answer or a pin", "[outbox]") {
    Outbox outbox(100, [] {});
    REQUIRE(outbox.push_answer(bytes(20, 'a')));
    REQUIRE(outbox.push(chat(30)));
    REQUIRE(outbox.push(pin(20)));
    REQUIRE(outbox.push(chat(30)));
    REQUIRE(outbox.push(chat(10)));
    CHECK(outbox.bytes() <= 100);
    CHECK(all_of(outbox) == std::vector<std::string>{std::string(20, 'a'), std::string(20, 'p'), std::string(10, 'c')});
}

TEST_CASE("a full outbox drops latest values after chat and asks for the newest ones", "[outbox]") {
    Outbox outbox(150, [] {});
    REQUIRE(outbox.push(mixed()));
    REQUIRE(outbox.push(mixed()));
    CHECK_FALSE(outbox.take_latest_missing());
    REQUIRE(outbox.push(mixed()));
    CHECK(all_of(outbox) == std::vector<std::string>(3, std::string(30, 'p')));
    CHECK(outbox.take_latest_missing());
    CHECK_FALSE(outbox.take_latest_missing());
}

TEST_CASE("an outbox full of must-deliver events gives up and says that the viewer is too slow", "[outbox]") {
    int wakes = 0;
    Outbox outbox(100, [&] { ++wakes; });
    REQUIRE(outbox.push(pin(60)));
    const auto pushed = outbox.push(pin(60));
    REQUIRE(pushed.has_error());
    CHECK(to_errc(pushed.error()) == Errc::viewer_too_slow);
    CHECK(outbox.is_too_slow());
    CHECK(wakes == 2);
    CHECK(outbox.bytes() == 0);
    CHECK(outbox.pop() == nullptr);
    CHECK_FALSE(outbox.push(pin(1)));
}
