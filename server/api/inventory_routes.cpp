#include <livefair/v1/inventory.pb.h>

#include "api/creation.hpp"
#include "commerce/sales.hpp"
#include "ledger/allocations.hpp"
#include "ledger/inventory.hpp"

namespace livefair::api {
namespace {

using ledger::Allocation;
using ledger::ChangeAnswer;

void fill(v1::AllocationChange& message, const ledger::Change& change) {
    message.set_id(change.id);
    message.set_amount(change.amount);
    message.set_all_unsold(change.wanted == 0);
    message.set_why(change.why);
    message.set_state(static_cast<v1::AllocationChangeState>(change.state));
    message.set_by_account(change.by_account);
    message.set_at_ms(change.at_ms);
}

net::HttpResponse answer_change(const Result<ChangeAnswer>& changed) {
    if (!changed) return refuse(changed.error());
    const auto most = std::to_string(changed->most);
    switch (changed->refusal) {
        case ChangeAnswer::Refusal::not_enough_free:
            return refuse(Problem{Errc::conflict, "可分配的不足，最多还能加 " + most + "，请先增加总量或从其他场次调回。",
                                  "There is not so much free: at most " + most + ". Raise the total, or take some from another show."});
        case ChangeAnswer::Refusal::below_sold:
            return refuse(Problem{Errc::conflict, "不能低于已售和已占用的数量，最多还能减 " + most + "。",
                                  "It can't go below what is sold or held: at most " + most + " can be taken away."});
        case ChangeAnswer::Refusal::under_way:
            return refuse(Problem{Errc::conflict, "上一次调整还没有完成，请稍后用同一编号再试。",
                                  "The change before it is not settled yet. Send the same change again in a moment."});
        case ChangeAnswer::Refusal::other_change:
            return refuse(Problem{Errc::conflict, "这个编号已用于另一次调整，请换一个编号。",
                                  "This id belongs to another change. Choose another id."});
        case ChangeAnswer::Refusal::none:
            break;
    }
    if (changed->change.state == ledger::ChangeState::refused)
        return refuse(Problem{Errc::conflict, "刚刚卖出了一部分，剩余不足，没有调整，请按现在的剩余数量再试。",
                              "Some have just been sold and there are not so many left; nothing was changed. Try again with what is left now."});
    v1::AllocationChange message;
    fill(message, changed->change);
    return answer(message);
}

std::optional<Problem> check(const v1::AllocationChange& change) {
    if (!change.id().empty() && !is_id_text(change.id()))
        return bad_field("id", "只能用 1 到 64 个字母、数字、“-”、“_”", "must be 1 to 64 letters, digits, dashes or underscores");
    constexpr std::int64_t most = 100'000'000'000'000;
    if (change.amount() < -most || change.amount() > most) return bad_field("amount", "数额太大", "is too large");
    if ((change.amount() == 0) != change.all_unsold())
        return bad_field("amount", "和“allUnsold”必须且只能填一个", "or \"allUnsold\" must be given, and not both");
    if (!is_shown_text(change.why(), 120))
        return bad_field("why", "最多 120 个字，不能有控制字符", "may have at most 120 characters and no control characters");
    return std::nullopt;
}

net::Task<net::HttpResponse> change_allocation(Services& services, Call call, Allocation where) {
    v1::AllocationChange body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    ledger::ChangeRequest request{std::move(where), id_or_random(body.id()), body.amount(), call.who.account.str(), body.why()};
    const Result<ChangeAnswer> changed = co_await services.sales.allocations().change(std::move(request));
    co_return answer_change(changed);
}

net::Task<net::HttpResponse> list_changes(Services& services, Allocation where) {
    auto list = [where](ledger::Database& db) { return ledger::list_changes(db, where); };
    const Result<std::vector<ledger::Change>> changes = co_await services.ledger.read(std::move(list));
    if (!changes) co_return refuse(changes.error());
    v1::ListAllocationChangesResponse response;
    for (const auto& change : *changes) fill(*response.add_changes(), change);
    co_return answer(response);
}

net::Task<net::HttpResponse> answer_inventory(Services& services, ProductId product) {
    auto find = [product](ledger::Database& db) { return ledger::find_inventory(db, product); };
    Result<v1::Inventory> found = co_await services.ledger.read(std::move(find));
    if (!found) co_return refuse(found.error());
    found->set_as_of_ms(services.clock.unix_ms());
    co_return answer(*found);
}

}  // namespace

net::Task<net::HttpResponse> get_inventory(Services& services, Call call) {
    if (!is_id_text(call.parameters[0])) co_return refuse(Errc::not_found);
    co_return co_await answer_inventory(services, ProductId(call.parameters[0]));
}

net::Task<net::HttpResponse> state_inventory(Services& services, Call call) {
    v1::StateInventoryRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (body.total() < 0 || body.total() > 1'000'000'000'000)
        co_return refuse(bad_field("total", "必须在 0 到 1000000000000 之间", "must be from 0 to 1000000000000"));
    if (!is_id_text(call.parameters[0])) co_return refuse(Errc::not_found);
    const ProductId product(call.parameters[0]);
    auto write = [product, total = body.total()](ledger::Database& db) { return ledger::state_inventory(db, product, total); };
    const Result<> stated = co_await services.ledger.write(std::move(write));
    if (!stated && stated.error() == Errc::conflict)
        co_return refuse(Problem{Errc::conflict, "不能低于已分配给各场次的数量，请先从场次调回。",
                                 "It can't be below what shows already have. Take some back from them first."});
    if (!stated) co_return refuse(stated.error());
    co_return co_await answer_inventory(services, product);
}

net::Task<net::HttpResponse> list_stocks(Services& services, Call call) {
    auto list = [show = ShowId(call.parameters[0])](ledger::Database& db) { return ledger::list_stocks(db, show); };
    Result<v1::ListStocksResponse> stocks = co_await services.ledger.read(std::move(list));
    if (!stocks) co_return refuse(stocks.error());
    stocks->set_as_of_ms(services.clock.unix_ms());
    co_return answer(*stocks);
}

net::Task<net::HttpResponse> change_stock(Services& services, Call call) {
    if (!is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    auto where = Allocation::of_stock(ShowId(call.parameters[0]), StockId(call.parameters[1]));
    co_return co_await change_allocation(services, std::move(call), std::move(where));
}

net::Task<net::HttpResponse> list_stock_changes(Services& services, Call call) {
    if (!is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    co_return co_await list_changes(services, Allocation::of_stock(ShowId(call.parameters[0]), StockId(call.parameters[1])));
}

net::Task<net::HttpResponse> list_funds(Services& services, Call) {
    Result<v1::ListFundsResponse> funds = co_await services.ledger.read(&ledger::list_funds);
    if (!funds) co_return refuse(funds.error());
    funds->set_as_of_ms(services.clock.unix_ms());
    co_return answer(*funds);
}

net::Task<net::HttpResponse> create_fund(Services& services, Call call) {
    v1::Fund body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (!body.id().empty() && !is_id_text(body.id()))
        co_return refuse(bad_field("id", "只能用 1 到 64 个字母、数字、“-”、“_”", "must be 1 to 64 letters, digits, dashes or underscores"));
    if (body.name().find_first_not_of(' ') == std::string::npos || !is_shown_text(body.name(), 60))
        co_return refuse(bad_field("name", "须为 1 到 60 个字", "must have 1 to 60 characters"));
    if (!body.organisation_id().empty() && !is_id_text(body.organisation_id())) co_return refuse(Errc::not_found);
    if (body.total_fen() < 1 || body.total_fen() > 100'000'000'000'000)
        co_return refuse(bad_field("totalFen", "必须在 1 到 100000000000000 之间", "must be from 1 to 100000000000000"));
    body.set_id(id_or_random(body.id()));
    body.clear_leased_fen();
    body.clear_spent_fen();
    co_return co_await create_in_ledger(services, std::move(body), &ledger::create_fund);
}

net::Task<net::HttpResponse> list_fund_pools(Services& services, Call call) {
    auto list = [show = ShowId(call.parameters[0])](ledger::Database& db) { return ledger::list_fund_pools(db, show); };
    Result<v1::ListFundPoolsResponse> pools = co_await services.ledger.read(std::move(list));
    if (!pools) co_return refuse(pools.error());
    pools->set_as_of_ms(services.clock.unix_ms());
    co_return answer(*pools);
}

net::Task<net::HttpResponse> change_fund_pool(Services& services, Call call) {
    if (!is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    auto where = Allocation::of_fund(ShowId(call.parameters[0]), call.parameters[1]);
    co_return co_await change_allocation(services, std::move(call), std::move(where));
}

net::Task<net::HttpResponse> list_fund_pool_changes(Services& services, Call call) {
    if (!is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    co_return co_await list_changes(services, Allocation::of_fund(ShowId(call.parameters[0]), call.parameters[1]));
}

}  // namespace livefair::api
