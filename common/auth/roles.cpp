#include "auth/roles.hpp"

#include <array>

namespace livefair::auth {
namespace {

struct Row {
    Action action;
    std::string_view name;
    // Who may: anyone signed in, or the holder of a grant on the room.
    bool viewer, host, assistant, moderator, site_operator;
};

// clang-format off
constexpr std::array<Row, action_count> table = {{
    // action                                          viewer host assistant moderator operator
    {Action::say, "say",                               true,  true,  true,  true,  true},
    {Action::buy, "buy",                               true,  true,  true,  true,  true},
    {Action::pin, "pin",                               false, true,  true,  false, true},
    {Action::moderate, "moderate",                     false, true,  true,  true,  true},
    {Action::run_sale, "run_sale",                     false, true,  true,  false, true},
    {Action::edit_show, "edit_show",                   false, true,  false, false, true},
    {Action::set_show_state, "set_show_state",         false, true,  false, false, true},
    {Action::make_stream_key, "make_stream_key",       false, true,  false, false, true},
    {Action::push_on, "push_on",                       false, true,  false, false, true},
    {Action::watch_private, "watch_private",           false, true,  true,  true,  true},
    {Action::download, "download",                     false, true,  false, false, true},
    {Action::see_totals, "see_totals",                 false, true,  true,  false, true},
    {Action::fulfil, "fulfil",                         false, true,  true,  false, true},
    {Action::refund, "refund",                         false, true,  false, false, true},
    {Action::manage_site, "manage_site",               false, false, false, false, true},
}};
// clang-format on

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].action) != i) return false;
    return true;
}
static_assert(is_in_order());

const Row& row_of(Action action) {
    return table[static_cast<std::size_t>(action)];
}

bool allows(const Row& row, Role role) {
    switch (role) {
        case Role::viewer:
            return row.viewer;
        case Role::host:
            return row.host;
        case Role::assistant:
            return row.assistant;
        case Role::moderator:
            return row.moderator;
        case Role::site_operator:
            return row.site_operator;
    }
    return false;
}

bool covers(const Grant& grant, const RoomId& room) {
    if (grant.role == Role::site_operator) return grant.room_id == whole_site;
    return !room.empty() && grant.room_id == room.str();
}

/// Which badge wins when an account holds several roles in a room.
int rank(Role role) {
    switch (role) {
        case Role::viewer:
            return 0;
        case Role::moderator:
            return 1;
        case Role::assistant:
            return 2;
        case Role::host:
            return 4;
        case Role::site_operator:
            return 3;  // someone who also hosts here is shown as the host
    }
    return 0;
}

}  // namespace

bool is_lawful(const Grant& grant) {
    switch (grant.role) {
        case Role::site_operator:
            return grant.room_id == whole_site;
        case Role::host:
        case Role::assistant:
        case Role::moderator:
            return is_id_text(grant.room_id);
        case Role::viewer:
            return false;
    }
    return false;
}

bool may(const Identity& who, Action action, const RoomId& room) {
    if (who.is_guest()) return false;
    const Row& row = row_of(action);
    if (row.viewer) return true;
    for (const Grant& grant : who.grants)
        if (covers(grant, room) && allows(row, grant.role)) return true;
    return false;
}

Role role_in(const Identity& who, const RoomId& room) {
    Role highest = Role::viewer;
    for (const Grant& grant : who.grants)
        if (covers(grant, room) && rank(grant.role) > rank(highest)) highest = grant.role;
    return highest;
}

std::string_view to_string(Role role) {
    switch (role) {
        case Role::viewer:
            return "viewer";
        case Role::host:
            return "host";
        case Role::assistant:
            return "assistant";
        case Role::moderator:
            return "moderator";
        case Role::site_operator:
            return "operator";
    }
    return "unknown";
}

std::string_view to_string(Action action) {
    return row_of(action).name;
}

}  // namespace livefair::auth
