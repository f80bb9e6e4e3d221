#include "room/room_state.hpp"

#include <catch2/catch.hpp>

#include "unit/server/room/events.hpp"

using namespace livefair;
using namespace livefair::test;
using room::RoomState;
using room::StoredRoom;

namespace {

RoomState empty_room(RoomState::Limits limits = {}) {
    return RoomState(RoomId("hunan"), limits);
}

StoredRoom stored(std::int64_t seq) {
    StoredRoom room;
    room.epoch = "e1";
    room.seq = seq;
    return room;
}

}  // namespace

TEST_CASE("a snapshot has the pin, the newest chat lines and what is left of each offer", "[room]") {
    auto room = empty_room({2, 100, 10});
    room.reset(stored(0));
    v1::Show show;
    show.set_id("s1");
    show.add_offers()->set_id("o1");
    room.set_show(show);
    room.apply(event(1, chat_line("a", "one")));
    room.apply(event(2, chat_line("b", "two")));
    room.apply(event(3, pinned("o1")));
    room.apply(event(4, chat_line("c", "three")));
    room.apply(event(0, stock_left("o1", 7)));

    const auto snapshot = room.snapshot();
    CHECK(snapshot.epoch() == "e1");
    CHECK(snapshot.seq() == 4);
    CHECK(snapshot.pin().offer_id() == "o1");
    CHECK(snapshot.pin().media_time_ms() == 1234);
    REQUIRE(snapshot.chat_size() == 2);
    CHECK(snapshot.chat(0).event().chat().text() == "two");
    CHECK(snapshot.chat(1).event().chat().text() == "three");
    CHECK(snapshot.show().offers(0).left() == 7);
}

TEST_CASE("a catalogue read again does not undo what the room was told since", "[room]") {
    auto room = empty_room();
    room.reset(stored(0));
    v1::Show show;
    show.add_offers()->set_id("o1");
    show.mutable_offers(0)->set_left(100);
    room.set_show(show);
    room.apply(event(0, stock_left("o1", 3)));
    room.set_show(show);
    CHECK(room.snapshot().show().offers(0).left() == 3);
}

TEST_CASE("a deleted line leaves the snapshot, and its words leave what resuming viewers get", "[room]") {
    auto room = empty_room();
    room.reset(stored(0));
    room.apply(event(1, chat_line("a", "rude")));
    room.apply(event(2, deleted("a")));
    CHECK(room.snapshot().chat_size() == 0);
    const auto missed = room.events_after(0);
    REQUIRE(missed.size() == 2);
    CHECK(missed[0]->event().chat().text().empty());
    CHECK(missed[1]->event().chat_deleted().chat_id() == "a");
}

TEST_CASE("a room read from Redis continues where the history ends", "[room]") {
    auto from_redis = stored(12);
    from_redis.state.emplace_back("pin", pinned("o9").SerializeAsString());
    from_redis.state.emplace_back("mute:rude", muted("rude", 99).SerializeAsString());
    from_redis.state.emplace_back("likes", "41");
    from_redis.history = {{11, chat_line("k", "old").SerializeAsString()}, {12, chat_line("l", "new").SerializeAsString()}};
    auto room = empty_room();
    room.reset(from_redis);
    CHECK(room.snapshot().pin().offer_id() == "o9");
    CHECK(room.snapshot().counts().likes() == 41);
    CHECK(room.muted_until_ms("rude") == 99);
    CHECK(room.muted_until_ms("polite") == 0);
    CHECK(room.can_resume("e1", 10));
    CHECK_FALSE(room.can_resume("e1", 9));
    room.apply(event(13, chat_line("m", "next")));
    CHECK(room.seq() == 13);
    CHECK(room.snapshot().chat_size() == 3);
}

TEST_CASE("an unmuted account may speak again", "[room]") {
    auto room = empty_room();
    room.reset(stored(0));
    room.apply(event(1, muted("rude", 99)));
    CHECK(room.muted_until_ms("rude") == 99);
    room.apply(event(2, muted("rude", 0)));
    CHECK(room.muted_until_ms("rude") == 0);
}

TEST_CASE("a ban ends with its time, or when it is lifted", "[room]") {
    v1::RoomEvent banned;
    banned.mutable_ban()->set_account_id("rude");
    banned.mutable_ban()->set_until_ms(99);
    auto from_redis = stored(0);
    from_redis.state.emplace_back("ban:rude", banned.SerializeAsString());
    auto room = empty_room();
    room.reset(from_redis);
    CHECK(room.banned_until_ms("rude") == 99);
    CHECK(room.banned_until_ms("") == 0);
    banned.mutable_ban()->set_until_ms(0);
    room.apply(event(1, banned));
    CHECK(room.banned_until_ms("rude") == 0);
}

TEST_CASE("late joiners learn the rules of the chat, and a room that starts over forgets them", "[room]") {
    v1::RoomEvent rules;
    rules.mutable_chat_rules()->mutable_rules()->set_slow_ms(5000);
    auto room = empty_room();
    room.reset(stored(0));
    CHECK_FALSE(room.snapshot().has_chat_rules());
    room.apply(event(1, rules));
    CHECK(room.snapshot().chat_rules().slow_ms() == 5000);
    room.reset(stored(0));
    CHECK_FALSE(room.snapshot().has_chat_rules());
}

TEST_CASE("lines that wait for review leave no trace in the room", "[room]") {
    v1::RoomEvent held;
    *held.mutable_chat_held()->mutable_line() = chat_line("a", "secret").chat();
    auto room = empty_room();
    room.reset(stored(0));
    room.apply(event(0, held));
    CHECK(room.latest_values().empty());
    CHECK(room.snapshot().chat_size() == 0);
    room.apply(event(1, chat_line("a", "shown")));
    REQUIRE(room.snapshot().chat_size() == 1);
    CHECK(room.snapshot().chat(0).event().chat().text() == "shown");
}

TEST_CASE("resuming is refused for another epoch, for a future seq, and when the ring has forgotten too much", "[room]") {
    auto room = empty_room({50, 3, 10});
    room.reset(stored(0));
    CHECK(room.can_resume("e1", 0));
    for (std::int64_t seq = 1; seq <= 5; ++seq) room.apply(event(seq, chat_line(std::to_string(seq), "x")));
    CHECK(room.can_resume("e1", 5));
    CHECK(room.can_resume("e1", 2));
    CHECK_FALSE(room.can_resume("e1", 1));
    CHECK_FALSE(room.can_resume("e1", 6));
    CHECK_FALSE(room.can_resume("e2", 5));
    CHECK_FALSE(room.can_resume("", 5));
    CHECK(room.events_after(2).size() == 3);
    CHECK(room.events_after(5).empty());
}
