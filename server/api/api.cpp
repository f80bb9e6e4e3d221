#include "api/api.hpp"

#include <algorithm>
#include <exception>

#include "api/cookie.hpp"
#include "api/pages.hpp"
#include "api/problem.hpp"
#include "api/route.hpp"
#include "auth/device.hpp"
#include "auth/origins.hpp"
#include "auth/rate_limit.hpp"
#include "base/log.hpp"
#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "ledger/sessions.hpp"

namespace livefair::api {
namespace {

constexpr std::string_view cookie_name = "livefair_session";
/// How long a browser stays the same device.
constexpr std::int64_t device_s = 365 * 86'400;

bool is_reading(const std::string& method) {
    return method == "GET" || method == "HEAD";
}

/// The token of "Authorization: Bearer TOKEN"; empty when there is none.
std::string_view bearer_of(const net::HttpRequest& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto header = request.header("authorization");
    return header.starts_with(scheme) ? header.substr(scheme.size()) : std::string_view();
}

bool is_trusted(const Config& config, const std::string& address) {
    const auto& trusted = config.limits.trusted_addresses;
    return std::find(trusted.begin(), trusted.end(), address) != trusted.end();
}

/// The route of a request, or why there is none.
struct Found {
    const Route* route = nullptr;
    std::string allowed;  ///< Methods of this path, when only the method is wrong.
    std::vector<std::string> parameters;
};

Found find_route(const net::HttpRequest& request) {
    Found found;
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    for (const Route& route : routes()) {
        std::vector<std::string> parameters;
        if (!matches(route.pattern, request.path, parameters)) continue;
        if (route.method == method) {
            found.route = &route;
            found.parameters = std::move(parameters);
            return found;
        }
        found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
    }
    return found;
}

net::HttpResponse wrong_method(const std::string& allowed) {
    auto response = refuse(Errc::unsupported);
    response.status = 405;
    response.headers.emplace_back("Allow", allowed);
    return response;
}

/// Whether a request that changes something may come from another site's page. Reading is harmless: answers can't be
/// read across origins. A bearer token is never sent by a browser on its own; a cookie is.
bool is_forged(const Services& services, const Route& route, const net::HttpRequest& request) {
    if (is_reading(request.method) || route.access == Access::provider) return false;
    if (!bearer_of(request).empty()) return false;
    const auto origin = request.header("origin");
    if (!origin.empty() && !services.origins.allows(origin)) return true;
    if (route.access == Access::pay_page) return false;
    return !request.cookie(cookie_name).empty() && request.header("x-livefair") != "1";
}

void log_denied(const Call& call, auth::Action action, std::string_view why) {
    log::info("denied", {{"who", call.who.is_guest() ? "guest" : call.who.account.str()},
                         {"action", auth::to_string(action)},
                         {"object", call.request.path},
                         {"why", why},
                         {"address", call.request.address}});
}

/// Finds the room that the call is about. Errors: not_found, ledger_unavailable.
net::Task<Result<RoomId>> room_of(Services& services, Access access, std::string parameter) {
    if (!is_id_text(parameter)) co_return Errc::not_found;
    if (access == Access::of_room) co_return RoomId(parameter);
    auto find = [show = ShowId(parameter)](ledger::Database& db) { return ledger::room_of_show(db, show); };
    co_return co_await services.ledger.read(std::move(find));
}

/// The role check; fills call.room. Errors: unauthenticated, forbidden, not_found, ledger_unavailable.
net::Task<Result<>> authorise(Services& services, const Route& route, Call& call) {
    if (route.access == Access::anyone || route.access == Access::provider || route.access == Access::pay_page)
        co_return Result<>();
    if (call.who.is_guest()) co_return Errc::unauthenticated;
    if (route.access == Access::of_show || route.access == Access::of_room) {
        const Result<RoomId> room = co_await room_of(services, route.access, call.parameters.front());
        if (!room) co_return room.error();
        call.room = *room;
    }
    if (!auth::may(call.who, route.action, call.room)) co_return Errc::forbidden;
    co_return Result<>();
}

bool is_privileged(const Route& route) {
    return route.method != "GET" &&
           (route.access == Access::site || route.access == Access::of_show || route.access == Access::of_room);
}

net::Task<net::HttpResponse> call_handler(Services& services, const Route& route, Call call) {
    const Result<> allowed = co_await authorise(services, route, call);
    if (!allowed) {
        if (allowed.error() == Errc::forbidden) log_denied(call, route.action, "role");
        co_return refuse(allowed.error());
    }
    const auto who = call.who.account.str(), path = call.request.path;
    net::HttpResponse response = co_await route.handler(services, std::move(call));
    if (is_privileged(route))
        log::info("audit", {{"who", who}, {"action", route.pattern}, {"object", path}, {"status", response.status}});
    co_return response;
}

net::Task<net::HttpResponse> answer_api(Services& services, net::HttpRequest request) {
    if (!is_trusted(services.config, request.address) && !services.requests.allow(request.address))
        co_return refuse(Errc::too_many_requests);
    Found found = find_route(request);
    if (!found.route) co_return found.allowed.empty() ? refuse(Errc::not_found) : wrong_method(found.allowed);
    const Route& route = *found.route;
    Call call{std::move(request), {}, std::move(found.parameters), {}};
    if (is_forged(services, route, call.request)) {
        log_denied(call, route.action, "cross-site");
        co_return refuse(Errc::forbidden);
    }
    Result<auth::Identity> who = co_await identify(services, call.request);
    if (!who) co_return refuse(who.error());
    call.who = std::move(*who);
    co_return co_await call_handler(services, route, std::move(call));
}

net::HttpResponse answer_page(const Services& services, const net::HttpRequest& request) {
    if (!is_reading(request.method)) return wrong_method("GET, HEAD");
    auto response = services.pages.find(request.path);
    const bool is_new_device = auth::device_of(request.cookie(auth::device_cookie)) == 0;
    if (is_new_device && response.status == 200 && response.content_type.starts_with("text/html"))
        set_cookie(services.config, response, auth::device_cookie, auth::make_device(), device_s);
    return response;
}

}  // namespace

net::Task<Result<auth::Identity>> identify(Services& services, const net::HttpRequest& request) {
    std::string token(bearer_of(request));
    if (token.empty()) {
        // The token in a cookie counts for another site's page only as far as the cross-site check lets that page come.
        const auto origin = request.header("origin");
        if (origin.empty() || services.origins.allows(origin)) token = request.cookie(cookie_name);
    }
    if (token.empty()) co_return auth::Identity();
    Result<auth::Identity> who = co_await services.sessions.find(std::move(token));
    if (!who && who.error() == Errc::unauthenticated) co_return auth::Identity();
    co_return who;
}

net::Task<net::HttpResponse> Api::handle(net::Shard&, net::HttpRequest request) {
    const bool is_page = !request.path.starts_with("/api/") && !request.path.starts_with("/pay/");
    if (is_page) co_return answer_page(services_, request);
    const std::string path = request.path;
    try {
        co_return co_await answer_api(services_, std::move(request));
    } catch (const std::exception& exception) {
        log::error("request_failed", {{"path", path}, {"why", exception.what()}});
    }
    co_return refuse(Errc::internal);
}

}  // namespace livefair::api
