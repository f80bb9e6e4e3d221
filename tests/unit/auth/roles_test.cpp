#include "auth/roles.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace livefair;
using auth::Action;
using auth::Grant;
using auth::Identity;
using auth::Role;

namespace {

const RoomId room_a("room-a"), room_b("room-b"), no_room;

Identity someone(std::vector<Grant> grants) {
    return {AccountId("someone"), "someone", std::move(grants), "session"};
}

struct Expected {
    Action action;
    bool viewer, host, assistant, moderator, site_operator;
};

// Written out again here on purpose: a change of the table must be meant twice.
constexpr std::array<Expected, auth::action_count> expected = {{
    {Action::say, true, true, true, true, true},
    {Action::buy, true, true, true, true, true},
    {Action::pin, false, true, true, false, true},
    {Action::moderate, false, true, true, true, true},
    {Action::run_sale, false, true, true, false, true},
    {Action::edit_show, false, true, false, false, true},
    {Action::set_show_state, false, true, false, false, true},
    {Action::make_stream_key, false, true, false, false, true},
    {Action::push_on, false, true, false, false, true},
    {Action::watch_private, false, true, true, true, true},
    {Action::download, false, true, false, false, true},
    {Action::see_totals, false, true, true, false, true},
    {Action::fulfil, false, true, true, false, true},
    {Action::refund, false, true, false, false, true},
    {Action::manage_site, false, false, false, false, true},
}};

}  // namespace

TEST_CASE("the whole table of roles holds in a role's own room", "[auth]") {
    for (const auto& row : expected) {
        INFO(auth::to_string(row.action));
        CHECK(auth::may(someone({}), row.action, room_a) == row.viewer);
        CHECK(auth::may(someone({{Role::host, "room-a"}}), row.action, room_a) == row.host);
        CHECK(auth::may(someone({{Role::assistant, "room-a"}}), row.action, room_a) == row.assistant);
        CHECK(auth::may(someone({{Role::moderator, "room-a"}}), row.action, room_a) == row.moderator);
        CHECK(auth::may(someone({{Role::site_operator, "*"}}), row.action, room_a) == row.site_operator);
    }
}

TEST_CASE("a role in room A is worth a viewer's in room B and on the site", "[auth]") {
    for (const auto& row : expected)
        for (const auto role : {Role::host, Role::assistant, Role::moderator}) {
            CHECK(auth::may(someone({{role, "room-a"}}), row.action, room_b) == row.viewer);
            CHECK(auth::may(someone({{role, "room-a"}}), row.action, no_room) == row.viewer);
        }
}

TEST_CASE("a guest may do nothing that has a name", "[auth]") {
    Identity guest;
    guest.grants = {{Role::site_operator, "*"}};
    for (const auto& row : expected) CHECK_FALSE(auth::may(guest, row.action, room_a));
}

TEST_CASE("grants that must not exist give nothing", "[auth]") {
    for (const Grant& odd :
         {Grant{Role::host, "*"}, Grant{Role::host, ""}, Grant{Role::site_operator, "room-a"},
          Grant{Role::site_operator, ""}, Grant{static_cast<Role>(9), "room-a"}, Grant{Role::viewer, "room-a"}}) {
        CHECK_FALSE(auth::is_lawful(odd));
        CHECK_FALSE(auth::may(someone({odd}), Action::pin, room_a));
        CHECK_FALSE(auth::may(someone({odd}), Action::pin, no_room));
        CHECK_FALSE(auth::may(someone({odd}), Action::manage_site, no_room));
    }
    CHECK(auth::is_lawful({Role::host, "room-a"}));
    CHECK(auth::is_lawful({Role::site_operator, "*"}));
}

TEST_CASE("the badge shows the highest role held in the room", "[auth]") {
    const auto who = someone({{Role::moderator, "room-a"}, {Role::host, "room-a"}, {Role::assistant, "room-b"}});
    CHECK(auth::role_in(who, room_a) == Role::host);
    CHECK(auth::role_in(who, room_b) == Role::assistant);
    CHECK(auth::role_in(who, RoomId("room-c")) == Role::viewer);
    CHECK(auth::role_in(someone({{Role::site_operator, "*"}}), room_b) == Role::site_operator);
}
