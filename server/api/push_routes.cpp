#include <livefair/v1/catalog.pb.h>

#include "api/creation.hpp"
#include "api/push_targets.hpp"
#include "auth/push_target.hpp"
#include "ledger/push_targets.hpp"

namespace livefair::api {
namespace {

constexpr std::size_t shown_key_end = 4, key_bytes_for_end = 12;

/// Of a short key the end would be most of it.
std::string end_of(const std::string& key) { return key.size() < key_bytes_for_end ? "" : key.substr(key.size() - shown_key_end); }

void fill(v1::PushTarget& target, const ledger::PushTargetRow& row) {
    target.set_id(row.id);
    target.set_name(row.name);
    target.set_url(row.url);
    target.set_key_end(row.key_end);
    target.set_created_ms(row.created_ms);
}

Problem too_many() {
    const auto most = std::to_string(ledger::push_targets_max);
    return {Errc::too_large, "一个直播间最多转推 " + most + " 个平台，请先删除一个。",
            "A room can be pushed on to at most " + most + " platforms: remove one first."};
}

}  // namespace

net::Task<net::HttpResponse> list_push_targets(Services& services, Call call) {
    auto list = [room = call.room](ledger::Database& db) { return ledger::list_push_targets(db, room); };
    const Result<std::vector<ledger::PushTargetRow>> rows = co_await services.ledger.read(std::move(list));
    if (!rows) co_return refuse(rows.error());
    v1::ListPushTargetsResponse response;
    for (const auto& row : *rows) fill(*response.add_targets(), row);
    co_return answer(response);
}

net::Task<net::HttpResponse> add_push_target(Services& services, Call call) {
    v1::PushTarget body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body, services.config.push.allow_private)) co_return refuse(*problem);
    const ledger::PushTargetRow row{id_or_random(body.id()), call.room,          body.name(), body.url(), services.push_targets.seal_key(body.key()),
                                    end_of(body.key()),      services.clock.unix_ms()};
    const Result<> added = co_await services.push_targets.add(row);
    if (!added && added.error() == Errc::too_large) co_return refuse(too_many());
    if (!added) co_return refuse(added.error());
    v1::PushTarget response;
    fill(response, row);
    co_return answer(response);
}

net::Task<net::HttpResponse> remove_push_target(Services& services, Call call) {
    const Result<> removed = co_await services.push_targets.remove(call.room, call.parameters[1]);
    co_return removed ? empty_answer() : refuse(removed.error());
}

}  // namespace livefair::api
