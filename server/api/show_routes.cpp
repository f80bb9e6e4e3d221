#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>
#include <livefair/v1/room.pb.h>
#include <livefair/v1/socket.pb.h>

#include <algorithm>

#include "api/creation.hpp"
#include "api/private_rooms.hpp"
#include "api/query.hpp"
#include "api/questions.hpp"
#include "api/stream_keys.hpp"
#include "commerce/sales.hpp"
#include "ledger/actions.hpp"
#include "ledger/catalog.hpp"
#include "ledger/projector.hpp"
#include "ledger/totals.hpp"
#include "room/bus.hpp"

namespace livefair::api {
namespace {

/// Where players find the live picture of a room.
void add_playlist(const Services& services, v1::Show& show) {
    show.set_playlist_url(services.config.site.media_url + "/hls/" + show.room_id() + "/index.m3u8");
}

net::Task<Result<v1::Show>> read_show(Services& services, ShowId show) {
    auto find = [show](ledger::Database& db) { return ledger::find_show(db, show); };
    Result<v1::Show> found = co_await services.ledger.read(std::move(find));
    if (!found) co_return found.error();
    add_playlist(services, *found);
    co_return found;
}

/// Replaces the ledger's `left` by the till's, which knows of orders that are not committed yet. Without Redis the
/// ledger's stay.
net::Task<> add_left(Services& services, v1::Show& show) {
    if (show.state() != v1::SHOW_STATE_LIVE) co_return;
    const Result<std::vector<ledger::OfferLeft>> left = co_await services.sales.left_of(ShowId(show.id()));
    if (!left) co_return;
    for (const auto& one : *left)
        for (auto& offer : *show.mutable_offers())
            if (offer.id() == one.offer.str()) offer.set_left(one.left);
}

}  // namespace

net::Task<net::HttpResponse> list_shows(Services& services, Call call) {
    Result<v1::ListShowsResponse> shows = co_await services.ledger.read(&ledger::list_shows);
    if (!shows) co_return refuse(shows.error());
    auto& list = *shows->mutable_shows();
    const auto hidden = std::remove_if(list.begin(), list.end(), [&](const v1::Show& show) {
        return show.is_private() && !auth::may(call.who, auth::Action::watch_private, RoomId(show.room_id()));
    });
    list.erase(hidden, list.end());
    for (auto& show : *shows->mutable_shows()) add_playlist(services, show);
    co_return answer(*shows);
}

net::Task<net::HttpResponse> create_show(Services& services, Call call) {
    v1::Show body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    if (body.room_id().empty()) body.set_room_id(body.id());
    auto create = [body, now_ms = services.clock.unix_ms()](ledger::Database& db) {
        return ledger::create_show(db, body, now_ms);
    };
    const Result<> created = co_await services.ledger.write(std::move(create));
    if (!created) co_return refuse(created.error());
    if (body.is_private() || body.practice()) {
        const Result<> mirrored = co_await services.private_rooms.mirror(RoomId(body.room_id()));
        if (!mirrored) co_return refuse(mirrored.error());
    }
    const Result<v1::Show> show = co_await read_show(services, ShowId(body.id()));
    co_return show ? answer(*show) : refuse(show.error());
}

net::Task<net::HttpResponse> get_show(Services& services, Call call) {
    const auto id = ShowId::parse(call.parameters[0]);
    if (!id) co_return refuse(Errc::not_found);
    Result<v1::Show> show = co_await read_show(services, *id);
    if (!show) co_return refuse(show.error());
    co_await add_left(services, *show);
    co_return answer(*show);
}

net::Task<net::HttpResponse> get_show_of_room(Services& services, Call call) {
    const auto room = RoomId::parse(call.parameters[0]);
    if (!room) co_return refuse(Errc::not_found);
    auto find = [room](ledger::Database& db) { return ledger::find_show_of_room(db, *room); };
    Result<v1::Show> show = co_await services.ledger.read(std::move(find));
    if (!show) co_return refuse(show.error());
    add_playlist(services, *show);
    co_await add_left(services, *show);
    co_return answer(*show);
}

net::Task<net::HttpResponse> set_show_state(Services& services, Call call) {
    v1::SetShowStateRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (body.state() != v1::SHOW_STATE_LIVE && body.state() != v1::SHOW_STATE_ENDED)
        co_return refuse(bad_field("state", "只能是 SHOW_STATE_LIVE 或 SHOW_STATE_ENDED",
                                   "must be SHOW_STATE_LIVE or SHOW_STATE_ENDED"));
    const ShowId id(call.parameters[0]);
    auto write = [id, state = body.state()](ledger::Database& db) { return ledger::set_show_state(db, id, state); };
    const Result<> written = co_await services.ledger.write(std::move(write));
    if (!written) co_return refuse(written.error());
    // From here on a failure leaves the ledger ahead of Redis; the same request again brings Redis up.
    Result<> sold;
    if (body.state() == v1::SHOW_STATE_LIVE)
        sold = co_await services.sales.start_show(id);
    else
        sold = co_await services.sales.end_show(id);
    if (!sold) co_return refuse(sold.error());
    if (body.state() == v1::SHOW_STATE_ENDED) {
        const Result<> left = co_await leave_open_questions(services, call.room, call.who.account);
        if (!left) co_return refuse(left.error());
    }
    v1::RoomEvent event;
    event.mutable_show()->set_state(body.state());
    const Result<room::Position> published = co_await services.bus.publish(call.room, std::move(event));
    if (!published) co_return refuse(published.error());
    const Result<v1::Show> show = co_await read_show(services, id);
    co_return show ? answer(*show) : refuse(show.error());
}

net::Task<net::HttpResponse> create_segment(Services& services, Call call) {
    v1::Segment body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    body.set_show_id(call.parameters[0]);
    auto create = [body](ledger::Database& db) -> Result<v1::Segment> {
        if (const auto created = ledger::create_segment(db, body); !created) return created.error();
        return ledger::find_segment(db, SegmentId(body.id()));
    };
    const Result<v1::Segment> segment = co_await services.ledger.write(std::move(create));
    co_return segment ? answer(*segment) : refuse(segment.error());
}

net::Task<net::HttpResponse> create_stream_key(Services& services, Call call) {
    v1::StreamKeyRequest body;
    if (!call.request.body.empty())
        if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    const auto role = body.backup() ? ledger::StreamKeyRole::backup : ledger::StreamKeyRole::main;
    const Result<std::string> key = co_await services.stream_keys.replace(call.room, role);
    if (!key) co_return refuse(key.error());
    v1::StreamKeyResponse response;
    response.set_rtmp_url(services.config.site.rtmp_url);
    response.set_stream_key(*key);
    co_return answer(response);
}

net::Task<net::HttpResponse> give_publisher_back(Services& services, Call call) {
    const Result<> asked = co_await services.stream_keys.give_back(call.room);
    co_return asked ? empty_answer() : refuse(asked.error());
}

net::Task<net::HttpResponse> list_actions(Services& services, Call call) {
    const auto before = number_of(call.request, "before", 0, 0, INT64_MAX),
               count = number_of(call.request, "count", 50, 1, 200);
    if (!before) co_return refuse(bad_field("before", "必须是非负整数", "must be a number that is not negative"));
    if (!count) co_return refuse(bad_field("count", "必须在 1 到 200 之间", "must be from 1 to 200"));
    auto list = [room = call.room, before = *before, count = *count](ledger::Database& db) {
        return ledger::list_actions(db, room, before, count);
    };
    const Result<v1::ListActionsResponse> actions = co_await services.ledger.read(std::move(list));
    co_return actions ? answer(*actions) : refuse(actions.error());
}

net::Task<net::HttpResponse> get_history(Services& services, Call call) {
    const auto room = RoomId::parse(call.parameters[0]);
    const auto before = number_of(call.request, "before", 0, 0, INT64_MAX),
               count = number_of(call.request, "count", 50, 1, 200);
    if (!room) co_return refuse(Errc::not_found);
    if (!before) co_return refuse(bad_field("before", "必须是非负整数", "must be a number that is not negative"));
    if (!count) co_return refuse(bad_field("count", "必须在 1 到 200 之间", "must be from 1 to 200"));
    // Only rooms that exist: anyone may ask, and each name would make a key in Redis.
    auto find = [room = *room](ledger::Database& db) { return ledger::find_show_of_room(db, room); };
    const Result<v1::Show> show = co_await services.ledger.read(std::move(find));
    if (!show) co_return refuse(show.error());
    if (show->is_private() && !auth::may(call.who, auth::Action::watch_private, *room)) co_return refuse(Errc::not_found);
    const Result<v1::ChatHistoryResponse> history = co_await services.bus.chat_history(*room, *before, *count);
    co_return history ? answer(*history) : refuse(history.error());
}

net::Task<net::HttpResponse> get_totals(Services& services, Call call) {
    auto sum = [show = ShowId(call.parameters[0]), now_ms = services.clock.unix_ms()](ledger::Database& db) {
        return ledger::totals_of_show(db, show, now_ms);
    };
    const Result<v1::ShowTotals> totals = co_await services.ledger.read(std::move(sum));
    co_return totals ? answer(*totals) : refuse(totals.error());
}

net::Task<net::HttpResponse> get_curve(Services& services, Call call) {
    const Result<v1::ShowCurve> curve = co_await services.curve(ShowId(call.parameters[0]));
    co_return curve ? answer(*curve) : refuse(curve.error());
}

net::Task<net::HttpResponse> get_dashboard(Services& services, Call) {
    const Result<v1::Dashboard> dashboard = co_await services.dashboard();
    co_return dashboard ? answer(*dashboard) : refuse(dashboard.error());
}

}  // namespace livefair::api
