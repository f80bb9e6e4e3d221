#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"

namespace livefair::auth {

/// The numbers are those of Role in account.proto and of the ledger.
enum class Role { viewer = 1, host = 2, assistant = 3, moderator = 4, site_operator = 5 };

/// Everything that needs more than watching. What a guest may do has no action.
enum class Action {
    say,              ///< Chat and like under a name.
    buy,              ///< Orders, addresses, payments of one's own.
    pin,              ///< The product card and the running segment.
    moderate,         ///< Delete chat lines, mute accounts.
    run_sale,         ///< Open and close offers.
    edit_show,        ///< Segments, stock and offers of a show.
    set_show_state,   ///< Start and end a show.
    make_stream_key,  ///< Get a new stream key; the old one ends.
    push_on,          ///< Have the stream pushed on to other platforms.
    watch_private,    ///< See the picture of a private room.
    download,         ///< Take whole recordings away.
    see_totals,       ///< Sales of a show and their curve.
    fulfil,           ///< See, pack and ship the orders of a show.
    refund,           ///< Give money of a show's orders back, and agree to what others ask for.
    manage_site,      ///< Staff, grants, organisations, hosts, products, shows, the dashboard.
};
constexpr int action_count = static_cast<int>(Action::manage_site) + 1;

/// What an operator's grant names instead of a room: the whole site.
constexpr std::string_view whole_site = "*";

/// A role on one object. Only operators hold theirs on "*"; every other role is held on one room.
struct Grant {
    Role role;
    std::string room_id;
    bool operator==(const Grant&) const = default;
};

/// Whether such a grant may exist: operator on "*", host, assistant and moderator on a room id. Viewers need no grant.
bool is_lawful(const Grant& grant);

/// Who sent a request. Plain data, copied at will; account is empty for a guest.
struct Identity {
    AccountId account;
    std::string nickname;
    std::vector<Grant> grants;
    std::string session_id;  ///< Public id of the session in use (not the token).

    bool is_guest() const { return account.empty(); }
    bool operator==(const Identity&) const = default;
};

/// Whether `who` may do `action` in `room` (empty for actions on the site or on one's own things). A closed table: what
/// is not allowed by it is forbidden. A grant on one room gives nothing in another.
bool may(const Identity& who, Action action, const RoomId& room);

/// The role that is shown beside `who` in `room`: the highest held there; viewer when none.
Role role_in(const Identity& who, const RoomId& room);

/// "host", "operator", ...; for the audit log.
std::string_view to_string(Role role);
std::string_view to_string(Action action);

}  // namespace livefair::auth
