#include "room/live_room.hpp"

#include <livefair/v1/media.pb.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "base/clock.hpp"
#include "room/stream_view.hpp"
#include "unit/server/room/events.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;
using room::Audience;
using room::JoinRequest;
using room::LiveRoom;

namespace {

/// A loaded room of epoch e1 whose clock stands still until moved.
struct Fixture {
    Fixture() {
        room::StoredRoom stored;
        stored.epoch = "e1";
        room->reset(stored, clock.unix_ms(), clock.steady());
        clock.advance(1s);
    }
    auto join(TestViewer& viewer, JoinRequest request = {}) {
        return room->join(viewer.viewer(), request, clock.unix_ms(), clock.steady());
    }
    /// Takes in an event and sends what is due, as the hub does.
    void take(std::int64_t seq, v1::RoomEvent body) {
        room->take(event(seq, std::move(body)));
        flush_due();
    }
    void flush_due() {
        const auto due = room->flush_due();
        if (due && *due <= clock.steady()) room->flush(clock);
    }
    FakeClock clock;
    std::shared_ptr<LiveRoom> room = std::make_shared<LiveRoom>(RoomId("hunan"), room::RoomState::Limits{}, 100ms);
};

std::vector<std::int64_t> seqs(const v1::ServerMessage& message) {
    std::vector<std::int64_t> all;
    for (const auto& each : message.events().events()) all.push_back(each.seq());
    return all;
}

}  // namespace

TEST_CASE("a quiet room sends an event at once, a busy one everything of a tick in one frame", "[live_room]") {
    Fixture f;
    TestViewer viewer;
    const auto place = f.join(viewer);
    viewer.messages();

    f.take(1, chat_line("a", "first"));
    CHECK(viewer.messages().size() == 1);
    f.take(2, chat_line("b", "second"));
    f.take(3, chat_line("c", "third"));
    CHECK(viewer.messages().empty());
    f.clock.advance(99ms);
    f.flush_due();
    CHECK(viewer.messages().empty());
    f.clock.advance(1ms);
    f.flush_due();
    const auto messages = viewer.messages();
    REQUIRE(messages.size() == 1);
    CHECK(seqs(messages[0]) == std::vector<std::int64_t>{2, 3});
    CHECK(messages[0].events().epoch() == "e1");
}

TEST_CASE("a pin does not wait for the tick and takes along what waited before it", "[live_room]") {
    Fixture f;
    TestViewer viewer;
    const auto place = f.join(viewer);
    f.take(1, chat_line("a", "first"));
    viewer.messages();
    f.take(2, chat_line("b", "second"));
    f.take(3, pinned("o1"));
    const auto messages = viewer.messages();
    REQUIRE(messages.size() == 1);
    CHECK(seqs(messages[0]) == std::vector<std::int64_t>{2, 3});
}

TEST_CASE("of several values of one stock in a tick only the newest is sent", "[live_room]") {
    Fixture f;
    TestViewer viewer;
    const auto place = f.join(viewer);
    f.take(1, chat_line("a", "first"));
    viewer.messages();
    f.take(0, stock_left("o1", 9));
    f.take(0, stock_left("o2", 5));
    f.take(0, stock_left("o1", 8));
    f.clock.advance(100ms);
    f.flush_due();
    const auto messages = viewer.messages();
    REQUIRE(messages.size() == 1);
    REQUIRE(messages[0].events().events_size() == 2);
    CHECK(messages[0].events().events(0).event().stock().left() == 8);
    CHECK(messages[0].events().events(1).event().stock().offer_id() == "o2");
}

TEST_CASE("one who joins within a tick sees nothing twice and misses nothing", "[live_room]") {
    Fixture f;
    TestViewer early, late;
    const auto early_place = f.join(early);
    f.take(1, chat_line("a", "first"));
    f.take(2, chat_line("b", "waits for the tick"));
    const auto late_place = f.join(late, {7, "", 0});
    f.clock.advance(100ms);
    f.flush_due();
    f.clock.advance(100ms);
    f.take(3, chat_line("c", "after"));

    const auto messages = late.messages();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].request_id() == 7);
    CHECK(messages[0].snapshot().seq() == 2);
    CHECK(messages[0].snapshot().chat_size() == 2);
    CHECK_FALSE(messages[0].snapshot().recovered());
    CHECK(seqs(messages[1]) == std::vector<std::int64_t>{3});
    CHECK(early.messages().size() == 4);
}

TEST_CASE("those who join or come back within a tick get what the same tick brings after them", "[live_room]") {
    Fixture f;
    TestViewer early, fresh, back, last;
    const auto early_place = f.join(early);
    f.take(1, chat_line("a", "first"));
    f.take(2, chat_line("b", "waits for the tick"));
    const auto fresh_place = f.join(fresh);
    const auto back_place = f.join(back, {7, "e1", 1});
    f.take(3, chat_line("c", "waits for the same tick"));
    const auto last_place = f.join(last);
    f.clock.advance(100ms);
    f.flush_due();
    f.clock.advance(100ms);
    f.take(4, chat_line("d", "after"));

    const auto after_snapshot = [](TestViewer& viewer) {
        std::vector<std::int64_t> all;
        for (const auto& message : viewer.messages())
            for (const auto seq : seqs(message)) all.push_back(seq);
        return all;
    };
    CHECK(after_snapshot(early) == std::vector<std::int64_t>{1, 2, 3, 4});
    CHECK(after_snapshot(fresh) == std::vector<std::int64_t>{3, 4});
    CHECK(after_snapshot(back) == std::vector<std::int64_t>{2, 3, 4});
    CHECK(after_snapshot(last) == std::vector<std::int64_t>{4});
}

TEST_CASE("one who joins within a tick that a new life of the room cuts off gets all of the next one", "[live_room]") {
    Fixture f;
    TestViewer early, viewer;
    const auto early_place = f.join(early);
    f.take(1, chat_line("a", "first"));
    f.take(2, chat_line("b", "waits for the tick"));
    const auto place = f.join(viewer);
    room::StoredRoom stored;
    stored.epoch = "e2";
    f.room->reset(stored, f.clock.unix_ms(), f.clock.steady());
    f.clock.advance(100ms);
    f.take(1, chat_line("c", "of the new life"));
    const auto messages = viewer.messages();
    REQUIRE(messages.size() == 3);
    CHECK(messages[1].snapshot().epoch() == "e2");
    CHECK(seqs(messages[2]) == std::vector<std::int64_t>{1});
}

TEST_CASE("one who comes back gets exactly what it missed, and the latest values", "[live_room]") {
    Fixture f;
    TestViewer other;
    const auto place = f.join(other);
    for (std::int64_t seq = 1; seq <= 5; ++seq) f.take(seq, chat_line(std::to_string(seq), "x"));
    f.take(0, stock_left("o1", 4));

    TestViewer back;
    const auto back_place = f.join(back, {3, "e1", 2});
    const auto messages = back.messages();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].request_id() == 3);
    CHECK(messages[0].snapshot().recovered());
    CHECK(messages[0].snapshot().seq() == 2);
    CHECK(seqs(messages[1]) == std::vector<std::int64_t>{3, 4, 5, 0});
}

TEST_CASE("one who comes back with another epoch gets a fresh snapshot", "[live_room]") {
    Fixture f;
    TestViewer back;
    const auto place = f.join(back, {3, "of an earlier life", 0});
    const auto messages = back.messages();
    REQUIRE(messages.size() == 1);
    CHECK_FALSE(messages[0].snapshot().recovered());
    CHECK(messages[0].snapshot().epoch() == "e1");
}

TEST_CASE("sums of money go to staff alone", "[live_room]") {
    Fixture f;
    TestViewer viewer, staff(Audience::staff);
    const auto viewer_place = f.join(viewer);
    const auto staff_place = f.join(staff);
    viewer.messages();
    staff.messages();
    f.take(0, sums(1290));
    CHECK(viewer.messages().empty());
    const auto messages = staff.messages();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].events().events(0).event().totals().show().paid_fen() == 1290);

    TestViewer late(Audience::staff);
    const auto late_place = f.join(late);
    CHECK(late.messages().size() == 2);
}

TEST_CASE("lines that wait for review go to those who may moderate, who see no sums of money", "[live_room]") {
    Fixture f;
    TestViewer viewer, moderator(Audience::moderator), staff(Audience::staff);
    const auto viewer_place = f.join(viewer);
    const auto moderator_place = f.join(moderator);
    const auto staff_place = f.join(staff);
    for (auto* each : {&viewer, &moderator, &staff}) each->messages();
    v1::RoomEvent held;
    held.mutable_chat_held()->mutable_line()->set_id("a");
    f.take(0, held);
    CHECK(viewer.messages().empty());
    CHECK(moderator.messages().size() == 1);
    CHECK(staff.messages().size() == 1);
    f.clock.advance(100ms);
    f.take(0, sums(1290));
    CHECK(moderator.messages().empty());
    CHECK(staff.messages().size() == 1);
}

TEST_CASE("the figures of the stream, its recording and its pushes go to staff alone", "[live_room]") {
    v1::StreamState state;
    state.set_status(v1::STREAM_STATUS_LIVE);
    state.set_video_codec("avc1.64001f");
    state.set_bitrate_bps(2'500'000);
    state.mutable_record()->set_disk_free_bytes(1);
    state.add_pushes()->set_why("refused");
    v1::StreamState open_part;
    open_part.set_status(v1::STREAM_STATUS_LIVE);
    open_part.set_video_codec("avc1.64001f");
    CHECK(room::viewers_view(state).SerializeAsString() == open_part.SerializeAsString());

    Fixture f;
    TestViewer viewer, staff(Audience::staff);
    const auto viewer_place = f.join(viewer);
    const auto staff_place = f.join(staff);
    viewer.messages();
    staff.messages();
    v1::RoomEvent health;
    *health.mutable_health() = state;
    f.take(0, std::move(health));
    CHECK(viewer.messages().empty());
    const auto messages = staff.messages();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].events().events(0).event().health().pushes(0).why() == "refused");
}

TEST_CASE("when Redis has lost the room, viewers forget what they had and stay", "[live_room]") {
    Fixture f;
    TestViewer viewer;
    const auto place = f.join(viewer);
    f.take(1, chat_line("a", "gone"));
    viewer.messages();
    room::StoredRoom empty;
    empty.epoch = "e2";
    f.room->reset(empty, f.clock.unix_ms(), f.clock.steady());
    const auto messages = viewer.messages();
    REQUIRE(messages.size() == 1);
    CHECK_FALSE(messages[0].snapshot().recovered());
    CHECK(messages[0].snapshot().epoch() == "e2");
    CHECK(messages[0].snapshot().chat_size() == 0);
}

TEST_CASE("viewers may leave in any order", "[live_room]") {
    Fixture f;
    TestViewer a, b, c;
    auto first = f.join(a);
    auto second = f.join(b);
    auto third = f.join(c);
    CHECK(f.room->viewers() == 3);
    first.reset();
    f.take(1, pinned("o1"));
    CHECK(a.messages().size() == 1);
    CHECK(b.messages().size() == 2);
    CHECK(c.messages().size() == 2);
    third.reset();
    second.reset();
    CHECK(f.room->viewers() == 0);
}

TEST_CASE("a viewer who is too slow does not disturb the others", "[live_room]") {
    Fixture f;
    TestViewer good;
    room::Outbox tiny(400, [] {});
    const auto good_place = f.join(good);
    const auto slow_place = f.room->join({tiny, room::Format::json, Audience::everyone}, {}, 0, f.clock.steady());
    good.messages();
    for (std::int64_t seq = 1; seq <= 20; ++seq) f.take(seq, pinned("offer-" + std::to_string(seq)));
    CHECK(tiny.is_too_slow());
    CHECK(good.messages().size() == 20);
}
