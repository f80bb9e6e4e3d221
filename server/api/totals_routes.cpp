#include <livefair/v1/totals.pb.h>

#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/query.hpp"
#include "commerce/sales.hpp"
#include "ledger/league.hpp"
#include "ledger/ledger.hpp"
#include "ledger/order_text.hpp"
#include "ledger/reconciliations.hpp"
#include "ledger/sales_totals.hpp"
#include "ledger/stream_entry.hpp"

namespace livefair::api {
namespace {

/// What has just happened may not be in the ledger yet, and the clocks of Redis and of this program differ a little:
/// sums are as of a moment at least so long ago.
constexpr std::int64_t settle_ms = 1000;
constexpr std::size_t key_bytes_max = 400;
constexpr std::int64_t facts_max = 10'000'000'000;

/// Query parameter `as_of_ms`; without it the newest moment that may be asked for. Nothing: it is none.
std::optional<std::int64_t> as_of(Services& services, const net::HttpRequest& request) {
    const auto newest = services.clock.unix_ms() - settle_ms;
    return number_of(request, "as_of_ms", newest, 0, newest);
}

Problem bad_as_of() {
    return bad_field("as_of_ms", "必须是至少 1 秒以前的时间（毫秒）",
                     "must be a time at least a second ago, in milliseconds");
}

Problem bad_dimension() {
    return bad_field(
        "dimension",
        "只能是 show、segment、host、origin_city、origin_county、buyer_city、buyer_county、product、supplier、"
        "organisation、channel、kind 或 ten_minutes",
        "must be show, segment, host, origin_city, origin_county, buyer_city, buyer_county, product, supplier, "
        "organisation, channel, kind or ten_minutes");
}

/// Whether the ledger, whose newest entry of the show is `cursor`, has all of the till's that happened until
/// `as_of_ms`: entries come in the order of their time, so a later one says so, or the stream's end. `newest`: the
/// stream's last entry, read before the ledger was.
bool is_settled(const std::string& cursor, const Result<std::string>& newest, std::int64_t as_of_ms) {
    if (cursor.empty()) return true;
    const auto id = ledger::StreamId::parse(cursor);
    if (static_cast<std::int64_t>(id.ms) > as_of_ms) return true;
    return newest && (newest->empty() || ledger::StreamId::parse(*newest) <= id);
}

}  // namespace

net::Task<net::HttpResponse> get_sales_totals(Services& services, Call call) {
    const auto dimension = ledger::dimension_of(call.parameters[1]);
    if (!dimension) co_return refuse(bad_dimension());
    const auto as_of_ms = as_of(services, call.request);
    if (!as_of_ms) co_return refuse(bad_as_of());
    const ledger::SalesQuestion question{ShowId(call.parameters[0]), *dimension, *as_of_ms};
    const Result<std::string> newest = co_await services.sales.newest_entry(question.show);
    struct Counted {
        v1::SalesTotals totals;
        std::string cursor;
    };
    auto count = [question](ledger::Database& db) -> Result<Counted> {
        auto totals = ledger::sales_totals(db, question);
        if (!totals) return totals.error();
        auto cursor = ledger::cursor_of_show(db, question.show);
        if (!cursor) return cursor.error();
        return Counted{std::move(*totals), std::move(*cursor)};
    };
    Result<Counted> counted = co_await services.ledger.read(std::move(count));
    if (!counted) co_return refuse(counted.error());
    counted->totals.set_settled(is_settled(counted->cursor, newest, *as_of_ms));
    co_return answer(counted->totals);
}

net::Task<net::HttpResponse> list_sales_orders(Services& services, Call call) {
    const auto dimension = ledger::dimension_of(call.parameters[1]);
    if (!dimension) co_return refuse(bad_dimension());
    const auto as_of_ms = as_of(services, call.request);
    if (!as_of_ms) co_return refuse(bad_as_of());
    const auto count = number_of(call.request, "count", 50, 1, 200);
    if (!count) co_return refuse(bad_field("count", "必须在 1 到 200 之间", "must be from 1 to 200"));
    const ledger::SalesQuestion question{ShowId(call.parameters[0]), *dimension, *as_of_ms};
    const auto key = text_of(call.request, "key"), after = text_of(call.request, "after");
    if (key.size() > key_bytes_max || !ledger::is_storable(key))
        co_return refuse(bad_field("key", "必须是合计里的一个键", "must be a key of the totals"));
    if (!after.empty() && !OrderId::parse(after))
        co_return refuse(
            bad_field("after", "必须是上一页最后的订单号", "must be the last order id of the page before"));
    const ledger::SalesPage page{key, OrderId(after), *count};
    auto list = [question, page](ledger::Database& db) { return ledger::sales_orders(db, question, page); };
    const Result<v1::ListSalesOrdersResponse> orders = co_await services.ledger.read(std::move(list));
    co_return orders ? answer(*orders) : refuse(orders.error());
}

net::Task<net::HttpResponse> list_sales_flags(Services& services, Call call) {
    const auto as_of_ms = as_of(services, call.request);
    if (!as_of_ms) co_return refuse(bad_as_of());
    auto list = [show = ShowId(call.parameters[0]), as_of_ms = *as_of_ms](ledger::Database& db) {
        return ledger::sales_flags(db, show, as_of_ms);
    };
    const Result<v1::ListSalesFlagsResponse> flags = co_await services.ledger.read(std::move(list));
    co_return flags ? answer(*flags) : refuse(flags.error());
}

net::Task<net::HttpResponse> get_league(Services& services, Call call) {
    const auto as_of_ms = as_of(services, call.request);
    if (!as_of_ms) co_return refuse(bad_as_of());
    const auto from_ms = number_of(call.request, "from_ms", 0, 0, *as_of_ms);
    if (!from_ms)
        co_return refuse(bad_field("from_ms", "必须是不晚于 “as_of_ms” 的时间（毫秒）",
                                   "must be a time not after \"as_of_ms\", in milliseconds"));
    const auto show = text_of(call.request, "show");
    if (!show.empty() && !ShowId::parse(show)) co_return refuse(Errc::not_found);
    const ledger::LeagueQuestion question{*from_ms, *as_of_ms, ShowId(show)};
    auto read = [question](ledger::Database& db) { return ledger::league(db, question); };
    const Result<v1::League> league = co_await services.ledger.read(std::move(read));
    co_return league ? answer(*league) : refuse(league.error());
}

net::Task<net::HttpResponse> set_organisation_facts(Services& services, Call call) {
    v1::OrganisationFacts body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    for (const auto& [name, value] : {std::pair("members", body.members()), std::pair("households", body.households()),
                                      std::pair("people", body.people())})
        if (value < 0 || value > facts_max)
            co_return refuse(bad_field(name, "必须在 0 到 100 亿之间", "must be from 0 to 10,000,000,000"));
    auto write = [id = call.parameters[0], body](ledger::Database& db) {
        return ledger::set_organisation_facts(db, id, body);
    };
    const Result<> written = co_await services.ledger.write(std::move(write));
    co_return written ? answer(body) : refuse(written.error());
}

net::Task<net::HttpResponse> list_reconciliations(Services& services, Call) {
    const Result<v1::ListReconciliationsResponse> found = co_await services.ledger.read(&ledger::list_reconciliations);
    co_return found ? answer(*found) : refuse(found.error());
}

}  // namespace livefair::api
