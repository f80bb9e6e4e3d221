#include <livefair/v1/order.pb.h>

#include "api/checks.hpp"
#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/query.hpp"
#include "ledger/ledger.hpp"
#include "ledger/ship_out.hpp"
#include "table/csv.hpp"

namespace livefair::api {
namespace {

constexpr std::size_t why_chars_max = 200;
/// What one list holds; the rest comes with the next one, when these are shipped.
constexpr std::int64_t orders_a_list = 20'000;

std::optional<Problem> check_why(const std::string& why) {
    if (why.find_first_not_of(' ') != std::string::npos && is_shown_text(why, why_chars_max)) return std::nullopt;
    return bad_field("why", "必须写明查看的原因，最多 200 个字", "must say in at most 200 characters what for");
}

/// The last row of a table that may not have all.
std::string full_list(std::int64_t orders) {
    const auto number = std::to_string(orders);
    return "本表已满 " + number + " 个订单，可能还有没列出的，请把上面的发货后再导出一次。This table is full at " + number +
           " orders, there may be more: export again when these are shipped.";
}

}  // namespace

net::Task<net::HttpResponse> look_at_address(Services& services, Call call) {
    v1::LookRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_why(body.why())) co_return refuse(*problem);
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) co_return refuse(Errc::not_found);
    const ledger::PersonalLook look{
        ShowId(call.parameters[0]), *order, call.who.account, "address", body.why(), services.clock.unix_ms()};
    auto read = [look](ledger::Database& db) { return ledger::look_at_address(db, look); };
    const Result<v1::Address> address = co_await services.ledger.write(std::move(read));
    if (!address && address.error() == Errc::conflict)
        co_return refuse(Problem{Errc::conflict, "这个订单没有要发的货，不能查看收件信息。",
                                 "Nothing of this order is to be shipped, so its address stays closed."});
    co_return address ? answer(*address) : refuse(address.error());
}

net::Task<net::HttpResponse> list_personal_looks(Services& services, Call call) {
    const auto before = number_of(call.request, "before", 0, 0, INT64_MAX),
               count = number_of(call.request, "count", 50, 1, 200);
    if (!before) co_return refuse(bad_field("before", "必须是非负整数", "must be a number that is not negative"));
    if (!count) co_return refuse(bad_field("count", "必须在 1 到 200 之间", "must be from 1 to 200"));
    auto list = [before = *before, count = *count](ledger::Database& db) {
        return ledger::list_looks(db, before, count);
    };
    const Result<v1::ListPersonalLooksResponse> looks = co_await services.ledger.read(std::move(list));
    co_return looks ? answer(*looks) : refuse(looks.error());
}

net::Task<net::HttpResponse> make_ship_out_list(Services& services, Call call) {
    const auto supplier = text_of(call.request, "supplier");
    if (!supplier.empty() && !is_id_text(supplier))
        co_return refuse(bad_field("supplier", "不是供应商的编号", "is no id of a supplier"));
    const auto count = number_of(call.request, "count", orders_a_list, 1, orders_a_list);
    if (!count) co_return refuse(bad_field("count", "必须在 1 到 20000 之间", "must be from 1 to 20000"));
    v1::LookRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_why(body.why())) co_return refuse(*problem);
    const ledger::PersonalLook look{ShowId(call.parameters[0]), OrderId(), call.who.account, "ship_out", body.why(),
                                    services.clock.unix_ms()};
    net::HttpResponse response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"ship-out.csv\"");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body.push_back(
        std::make_shared<const std::string>(std::string(table::csv_byte_order_mark) + ledger::ship_out_header()));
    // Page by page, so that neither the writer nor this shard is held up by a long list.
    OrderId after;
    for (std::int64_t orders = 0; orders < *count;) {
        auto read = [supplier, look, after, most = *count - orders](ledger::Database& db) {
            return ledger::ship_out_page(db, supplier, look, after, most);
        };
        const Result<ledger::ShipOutPage> page = co_await services.ledger.write(std::move(read));
        if (!page) co_return refuse(page.error());
        if (page->last.empty()) break;
        after = page->last;
        orders += page->orders;
        if (!page->rows.empty()) response.body.push_back(std::make_shared<const std::string>(page->rows));
        if (orders >= *count) response.body.push_back(std::make_shared<const std::string>(table::csv_row({full_list(orders)})));
    }
    co_return response;
}

}  // namespace livefair::api
