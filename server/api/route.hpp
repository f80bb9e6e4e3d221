#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/services.hpp"
#include "auth/roles.hpp"
#include "net/http.hpp"
#include "net/task.hpp"

namespace livefair::api {

/// One request on its way to its handler, which owns it.
struct Call {
    net::HttpRequest request;
    auth::Identity who;
    std::vector<std::string> parameters;  ///< What stands for {…} in the pattern, in order.
    RoomId room;                          ///< Of Access::of_show and Access::of_room.
};

/// Who may call, besides the action of the table of roles.
enum class Access {
    anyone,
    provider,  ///< Programs without a session; the handler checks a signature.
    pay_page,  ///< A form of our own page without scripts: no header can be asked for; the payment's random id is the
               ///< proof.
    signed_in,
    site,     ///< `action` on the whole site.
    of_show,  ///< `action` in the room of the show that the first parameter names.
    of_room,  ///< `action` in the room that the first parameter names.
};

/// Handlers run on the shard; `services` outlives them.
using Handler = net::Task<net::HttpResponse> (*)(Services& services, Call call);

struct Route {
    std::string_view method;
    std::string_view pattern;  ///< "/api/v1/shows/{show}".
    Access access;
    auth::Action action;  ///< Means nothing for anyone, provider and pay_page.
    Handler handler;
};

/// All of docs/protocol.md section 3.
std::span<const Route> routes();

/// Whether `path` fits `pattern`, segment by segment; fills `parameters`.
bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters);

}  // namespace livefair::api
