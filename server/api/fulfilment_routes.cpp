#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <array>

#include "api/checks.hpp"
#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/query.hpp"
#include "commerce/order_desk.hpp"
#include "ledger/fulfilment.hpp"

namespace livefair::api {
namespace {

using ledger::Progress;
using ledger::StepOutcome;

constexpr std::size_t why_chars_max = 200, carrier_chars_max = 30, tracking_chars_max = 40;

struct StateName {
    std::string_view zh, en;
};
constexpr std::array<StateName, v1::OrderState_ARRAYSIZE> state_names = {{{"未知", "unknown"},
                                                                          {"待付款", "unpaid"},
                                                                          {"已付款", "paid"},
                                                                          {"已过期", "expired"},
                                                                          {"已取消", "cancelled"},
                                                                          {"未成交", "refused"},
                                                                          {"已打包", "packed"},
                                                                          {"已发货", "shipped"},
                                                                          {"已完成", "done"},
                                                                          {"退款中", "being refunded"},
                                                                          {"已退款", "refunded"}}};

const StateName& name_of(v1::OrderState state) {
    const auto index = static_cast<std::size_t>(state);
    return state_names[index < state_names.size() ? index : 0];
}

bool is_tracking_number(std::string_view text) {
    return text.size() >= 4 && text.size() <= tracking_chars_max && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::optional<Problem> check_step(const v1::StepRequest& body, Progress to) {
    if (!is_shown_text(body.why(), why_chars_max))
        return bad_field("why", "最多 200 个字，不能有控制字符",
                         "may have at most 200 characters and no control characters");
    if (to != Progress::shipped) {
        if (body.carrier().empty() && body.tracking_number().empty()) return std::nullopt;
        return bad_field("carrier", "和 “trackingNumber” 只在发货时填写",
                         "and \"trackingNumber\" belong to shipping alone");
    }
    if (body.carrier().find_first_not_of(' ') == std::string::npos || !is_shown_text(body.carrier(), carrier_chars_max))
        return bad_field("carrier", "必须填写承运人，最多 30 个字", "must name the carrier in at most 30 characters");
    if (!is_tracking_number(body.tracking_number()))
        return bad_field("trackingNumber", "必须是 4 到 40 位字母、数字或连字符",
                         "must have 4 to 40 letters, digits or hyphens");
    return std::nullopt;
}

Problem illegal_step(v1::OrderState from, Progress to) {
    const auto& now = name_of(from);
    const auto& wanted = name_of(static_cast<v1::OrderState>(ledger::shown_state(ledger::OrderState::paid, to)));
    return {Errc::conflict,
            "订单现在是“" + std::string(now.zh) + "”，不能改为“" + std::string(wanted.zh) + "”；请刷新后再看。",
            "The order is " + std::string(now.en) + " and can't become " + std::string(wanted.en) +
                "; reload to see how it stands."};
}

/// Takes the step and answers with the order as `buyer` (empty: staff) may see it.
net::Task<net::HttpResponse> take(Services& services, ledger::Step step, AccountId buyer) {
    const auto id = step.order;
    const auto to = step.to;
    const Result<StepOutcome> outcome = co_await services.order_desk.step(std::move(step));
    if (!outcome) co_return refuse(outcome.error());
    auto find = [id, buyer](ledger::Database& db) { return ledger::find_order(db, id, buyer); };
    Result<v1::Order> order = co_await services.ledger.read(std::move(find));
    if (!order) co_return refuse(order.error());
    if (*outcome == StepOutcome::illegal) co_return refuse(illegal_step(order->state(), to));
    if (*outcome == StepOutcome::refund_waits)
        co_return refuse(
            Problem{Errc::conflict, "这个订单有退款在等待审批，先不要发货；请先审批或拒绝它。",
                    "A refund of this order waits for its answer; agree to it or decline it before shipping."});
    if (buyer.empty()) ledger::mask_address(*order->mutable_address());
    co_return answer(*order);
}

net::Task<net::HttpResponse> staff_step(Services& services, Call call, Progress to) {
    v1::StepRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_step(body, to)) co_return refuse(*problem);
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) co_return refuse(Errc::not_found);
    ledger::Step step{
        ShowId(call.parameters[0]), *order, to, call.who.account, body.why(), body.carrier(), body.tracking_number(),
        services.clock.unix_ms()};
    co_return co_await take(services, std::move(step), AccountId());
}

}  // namespace

net::Task<net::HttpResponse> pack_order(Services& services, Call call) {
    return staff_step(services, std::move(call), Progress::packed);
}

net::Task<net::HttpResponse> ship_order(Services& services, Call call) {
    return staff_step(services, std::move(call), Progress::shipped);
}

net::Task<net::HttpResponse> finish_order(Services& services, Call call) {
    return staff_step(services, std::move(call), Progress::done);
}

net::Task<net::HttpResponse> receive_order(Services& services, Call call) {
    const auto id = OrderId::parse(call.parameters[0]);
    if (!id) co_return refuse(Errc::not_found);
    const auto buyer = call.who.account;
    auto find = [id = *id, buyer](ledger::Database& db) { return ledger::find_order(db, id, buyer); };
    const Result<v1::Order> order = co_await services.ledger.read(std::move(find));
    if (!order) co_return refuse(order.error());
    ledger::Step step{ShowId(order->show_id()), *id, Progress::done, buyer, {}, {}, {}, services.clock.unix_ms()};
    co_return co_await take(services, std::move(step), buyer);
}

net::Task<net::HttpResponse> list_orders_of_show(Services& services, Call call) {
    const auto state = number_of(call.request, "state", 0, 0, v1::OrderState_MAX),
               count = number_of(call.request, "count", 50, 1, 200);
    const auto after = text_of(call.request, "after");
    if (!state) co_return refuse(bad_field("state", "不是订单状态的编号", "is no number of an order state"));
    if (!count) co_return refuse(bad_field("count", "必须在 1 到 200 之间", "must be from 1 to 200"));
    if (!after.empty() && !is_id_text(after)) co_return refuse(bad_field("after", "不是订单号", "is no order id"));
    auto list = [show = ShowId(call.parameters[0]), state = static_cast<int>(*state), after = OrderId(after),
                 count = *count](ledger::Database& db) {
        return ledger::list_orders_of_show(db, show, state, after, count);
    };
    const Result<v1::ListOrdersResponse> orders = co_await services.ledger.read(std::move(list));
    co_return orders ? answer(*orders) : refuse(orders.error());
}

net::Task<net::HttpResponse> get_order_history(Services& services, Call call) {
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) co_return refuse(Errc::not_found);
    auto read = [show = ShowId(call.parameters[0]), order = *order](ledger::Database& db) {
        return ledger::history_of_order(db, show, order);
    };
    const Result<v1::OrderHistory> history = co_await services.ledger.read(std::move(read));
    co_return history ? answer(*history) : refuse(history.error());
}

}  // namespace livefair::api
