#include <livefair/v1/bulk.pb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <variant>

#include "api/checks.hpp"
#include "api/field_rules.hpp"
#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/query.hpp"
#include "commerce/order_desk.hpp"
#include "ledger/consignees.hpp"

namespace livefair::api {
namespace {

using ledger::Progress;
using ledger::StepOutcome;

constexpr std::size_t why_chars_max = 200, carrier_chars_max = 30, tracking_chars_max = 40, search_chars_max = 64;

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

/// Why an order's refunds stop a step.
std::optional<Problem> problem_of_refunds(StepOutcome outcome) {
    if (outcome == StepOutcome::refund_waits)
        return Problem{Errc::conflict, "这个订单有退款在等待审批，先不要发货；请先审批或拒绝它。",
                       "A refund of this order waits for its answer; agree to it or decline it before shipping."};
    if (outcome == StepOutcome::goods_refunded)
        return Problem{Errc::conflict, "这个订单的商品已全部退款，请不要发货。",
                       "All goods of this order have been refunded; do not ship it."};
    return std::nullopt;
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
    if (const auto problem = problem_of_refunds(*outcome)) co_return refuse(*problem);
    if (buyer.empty()) ledger::mask_address(*order->mutable_address());
    co_return answer(*order);
}

/// What a member of the staff asks for, or why not.
std::variant<ledger::Step, Problem> read_step(const Services& services, const Call& call, Progress to) {
    v1::StepRequest body;
    if (auto problem = read_body(call.request, body)) return *problem;
    if (auto problem = check_step(body, to)) return *problem;
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) return problem_of(Errc::not_found);
    return ledger::Step{
        ShowId(call.parameters[0]), *order, to, call.who.account, body.why(), body.carrier(), body.tracking_number(),
        services.clock.unix_ms()};
}

net::Task<net::HttpResponse> staff_step(Services& services, Call call, Progress to) {
    auto step = read_step(services, call, to);
    if (const auto* problem = std::get_if<Problem>(&step)) co_return refuse(*problem);
    co_return co_await take(services, std::get<ledger::Step>(std::move(step)), AccountId());
}

Problem illegal_consignee_step(Progress to) {
    const auto& wanted = name_of(static_cast<v1::OrderState>(ledger::shown_state(ledger::OrderState::paid, to)));
    return {Errc::conflict,
            "这个收货单位的部分不能改为“" + std::string(wanted.zh) +
                "”：订单已付款才能发货，已发货才能签收；请刷新后再看。",
            "This part can't become " + std::string(wanted.en) +
                ": it is shipped once the order is paid, and done once it is shipped; reload to see how it stands."};
}

net::Task<net::HttpResponse> answer_consignees(Services& services, ShowId show, OrderId order) {
    auto list = [show, order](ledger::Database& db) { return ledger::list_consignees(db, show, order); };
    const Result<v1::ListConsigneesResponse> consignees = co_await services.ledger.read(std::move(list));
    co_return consignees ? answer(*consignees) : refuse(consignees.error());
}

/// A step of one consignee's part; answers with all of them.
net::Task<net::HttpResponse> consignee_step(Services& services, Call call, Progress to) {
    auto read = read_step(services, call, to);
    if (const auto* problem = std::get_if<Problem>(&read)) co_return refuse(*problem);
    const auto step = std::get<ledger::Step>(std::move(read));
    const auto& text = call.parameters[2];
    std::int64_t position = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (error != std::errc() || end != text.data() + text.size()) co_return refuse(Errc::not_found);
    auto write = [step, position](ledger::Database& db) { return ledger::take_consignee_step(db, step, position); };
    const Result<StepOutcome> outcome = co_await services.ledger.write(std::move(write));
    if (!outcome) co_return refuse(outcome.error());
    if (*outcome == StepOutcome::illegal) co_return refuse(illegal_consignee_step(to));
    if (const auto problem = problem_of_refunds(*outcome)) co_return refuse(*problem);
    co_return co_await answer_consignees(services, step.show, step.order);
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

net::Task<net::HttpResponse> list_consignees(Services& services, Call call) {
    const auto order = OrderId::parse(call.parameters[1]);
    if (!order) co_return refuse(Errc::not_found);
    co_return co_await answer_consignees(services, ShowId(call.parameters[0]), *order);
}

net::Task<net::HttpResponse> ship_consignee(Services& services, Call call) {
    return consignee_step(services, std::move(call), Progress::shipped);
}

net::Task<net::HttpResponse> receive_consignee(Services& services, Call call) {
    return consignee_step(services, std::move(call), Progress::done);
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
    const auto text = text_of(call.request, "text");
    if (!text.empty())
        if (const auto problem = rules::text("text", text, search_chars_max)) co_return refuse(*problem);
    auto list = [show = ShowId(call.parameters[0]),
                 filter = ledger::OrderFilter{static_cast<int>(*state), text, OrderId(after), *count}](ledger::Database& db) {
        return ledger::list_orders_of_show(db, show, filter);
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

net::Task<net::HttpResponse> get_own_order_history(Services& services, Call call) {
    const auto order = OrderId::parse(call.parameters[0]);
    if (!order) co_return refuse(Errc::not_found);
    auto read = [order = *order, buyer = call.who.account](ledger::Database& db) {
        return ledger::history_of_own_order(db, order, buyer);
    };
    const Result<v1::OwnOrderHistory> history = co_await services.ledger.read(std::move(read));
    co_return history ? answer(*history) : refuse(history.error());
}

}  // namespace livefair::api
