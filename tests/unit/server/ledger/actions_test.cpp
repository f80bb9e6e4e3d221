#include "ledger/actions.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/room.pb.h>

#include "ledger/catalog.hpp"
#include "ledger/people.hpp"
#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;

namespace {

/// A ledger with a show in "room-1" and one in "room-2", and an account.
struct Scene {
    Scene() {
        for (const std::string number : {"1", "2"}) {
            v1::Show show;
            show.set_id("show-" + number);
            show.set_room_id("room-" + number);
            show.set_title("专场");
            show.set_starts_ms(1'000);
            REQUIRE(ledger::create_show(*db, show, 0).has_value());
        }
        moderator = ledger::account_of_phone(*db, "13800000001", "小美", 0).value();
    }
    Result<> add(const std::string& room, const std::string& kind, std::int64_t at_ms) {
        return ledger::add_action(*db, {RoomId(room), at_ms, moderator, kind, AccountId("rude"), "chat-1", "骂人", 60'000, "辱骂"});
    }
    test::FreshDatabase db;
    AccountId moderator;
};

}  // namespace

TEST_CASE("a room's acts are listed newest first, in pages, and apart from other rooms'", "[ledger]") {
    Scene scene;
    REQUIRE(scene.add("room-1", "mute", 10).has_value());
    REQUIRE(scene.add("room-2", "ban", 20).has_value());
    REQUIRE(scene.add("room-1", "approve", 30).has_value());
    REQUIRE(scene.add("room-1", "delete", 40).has_value());
    const auto newest = ledger::list_actions(*scene.db, RoomId("room-1"), 0, 2).value();
    REQUIRE(newest.actions_size() == 2);
    CHECK(newest.actions(0).kind() == "delete");
    CHECK(newest.actions(1).kind() == "approve");
    const auto rest = ledger::list_actions(*scene.db, RoomId("room-1"), newest.actions(1).id(), 2).value();
    REQUIRE(rest.actions_size() == 1);
    const auto& act = rest.actions(0);
    CHECK(act.kind() == "mute");
    CHECK(act.at_ms() == 10);
    CHECK(act.by() == scene.moderator.str());
    CHECK(act.by_nickname() == "小美");
    CHECK(act.account_id() == "rude");
    CHECK(act.chat_id() == "chat-1");
    CHECK(act.text() == "骂人");
    CHECK(act.duration_ms() == 60'000);
    CHECK(act.why() == "辱骂");
}

TEST_CASE("an act needs a room with a show and a kind that is known", "[ledger]") {
    Scene scene;
    CHECK(to_errc(scene.add("no-room", "mute", 1).error()) == Errc::not_found);
    CHECK(to_errc(scene.add("room-1", "praise", 1).error()) == Errc::conflict);
}
