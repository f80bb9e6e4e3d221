#include <livefair/v1/order.pb.h>

#include "api/checks.hpp"
#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/query.hpp"
#include "commerce/order_desk.hpp"
#include "ledger/refunds.hpp"

namespace livefair::api {
namespace {

using Outcome = ledger::RefundAnswer::Outcome;

constexpr std::size_t why_chars_max = 200, reference_chars_max = 60;

std::optional<Problem> check_why(const std::string& why) {
    if (is_shown_text(why, why_chars_max)) return std::nullopt;
    return bad_field("why", "最多 200 个字，不能有控制字符",
                     "may have at most 200 characters and no control characters");
}

bool is_blank(const std::string& text) {
    return text.find_first_not_of(' ') == std::string::npos;
}

std::optional<Problem> check_reference(const std::string& reference) {
    const bool is_only_spaces = !reference.empty() && is_blank(reference);
    if (!is_only_spaces && is_shown_text(reference, reference_chars_max)) return std::nullopt;
    return bad_field("reference", "最多 60 个字，不能只有空格，不能有控制字符",
                     "may have at most 60 characters, not only spaces and no control characters");
}

std::optional<Problem> check(const v1::RefundRequest& body) {
    if (!is_id_text(body.refund_id()))
        return bad_field("refundId", "必须是 1 到 64 位字母、数字、_ 或 -",
                         "must have 1 to 64 letters, digits, _ or -");
    if (body.quantity() < 0 || body.quantity() > quantity_max)
        return bad_field("quantity", "必须在 0 到 99 之间", "must be from 0 to 99");
    if (body.amount_fen() < 0 || body.amount_fen() > price_fen_max * quantity_max)
        return bad_field("amountFen", "不能为负，也不能超过订单金额",
                         "must be neither negative nor more than the order");
    if (body.quantity() == 0 && body.amount_fen() == 0)
        return bad_field("amountFen", "和 “quantity” 至少填写一个", "or \"quantity\" must say what goes back");
    if (auto problem = check_reference(body.reference())) return problem;
    return check_why(body.why());
}

std::optional<Problem> check(const v1::RefundOutside& body) {
    if (body.reference().empty())
        return bad_field("reference", "必须填写：请先退款，再填转账编号或收据号",
                         "must be filled in: give the money back first, then note the transfer's or receipt's number");
    if (auto problem = check_reference(body.reference())) return problem;
    if (is_blank(body.why())) return bad_field("why", "必须填写：为什么不经支付渠道退款", "must say why the money went back past the provider");
    return check_why(body.why());
}

Problem problem_of_answer(Outcome outcome) {
    switch (outcome) {
        case Outcome::not_refundable:
            return {Errc::conflict, "订单没有可退的款：未付款，或已全部退款。",
                    "Nothing of this order can go back: it is not paid, or all of it has been refunded."};
        case Outcome::too_much:
            return {Errc::invalid_input, "退款的金额或数量超过订单剩余的部分；请刷新后再看。",
                    "More money or goods than the order has left; reload to see what is left."};
        case Outcome::waits:
            return {Errc::conflict, "这个订单还有一笔退款在等待审批；请先审批或拒绝它。",
                    "Another refund of this order waits for its answer; agree to it or decline it first."};
        case Outcome::used_id:
            return {Errc::conflict, "这个退款编号已用于另一笔退款；请换一个编号。",
                    "This refund id is that of another refund; use a new one."};
        case Outcome::own:
            return {Errc::forbidden, "不能审批自己申请的退款；请另一位同事审批。",
                    "Nobody may agree to a refund that they asked for; somebody else of the staff has to."};
        case Outcome::not_failed:
            return {Errc::conflict, "只有被支付渠道最终拒绝的退款才能重新申请或线下退款；请刷新后再看。",
                    "Only a refund that the provider has refused for good can be asked for again or given back past it; reload to see it."};
        case Outcome::decided:
            return {Errc::conflict, "这笔退款已经有了相反的决定；请刷新后再看。",
                    "This refund has been decided the other way; reload to see it."};
        case Outcome::no_payment:
            return {Errc::conflict, "这个订单没有经支付渠道收款，不能经渠道退款。",
                    "No payment came through the provider for this order, so none can go back through it."};
        case Outcome::no_reference:
            return bad_field("reference", "必须填写：这个订单的钱由工作人员退回，请先退款，再填转账编号或收据号",
                             "must say how the money went back: staff give it back, then note the transfer's or receipt's number");
        case Outcome::needless_reference:
            return bad_field("reference", "须留空：这个订单由支付渠道退款",
                             "must be empty: the payment provider gives this order's money back");
        case Outcome::taken:
            break;
    }
    return problem_of(Errc::internal);
}

/// A buyer is not told who of the staff asked or decided. `buyer` empty: staff asks.
void hide_staff(v1::Refund& refund, const AccountId& buyer) {
    if (buyer.empty()) return;
    if (refund.asked_by() != buyer.str()) refund.clear_asked_by();
    refund.clear_decided_by();
}

net::Task<net::HttpResponse> answer_with(Services& services, std::string id, AccountId buyer, Result<ledger::RefundAnswer> answered) {
    if (!answered) co_return refuse(answered.error());
    if (answered->outcome != Outcome::taken) co_return refuse(problem_of_answer(answered->outcome));
    auto find = [id](ledger::Database& db) { return ledger::find_refund(db, id); };
    Result<v1::Refund> refund = co_await services.ledger.read(std::move(find));
    if (!refund) co_return refuse(refund.error());
    hide_staff(*refund, buyer);
    co_return answer(*refund);
}

/// The show of the buyer's own order. Errors: not_found.
net::Task<Result<ShowId>> show_of_own(Services& services, AccountId buyer, std::string id) {
    if (!is_id_text(id)) co_return Errc::not_found;
    auto find = [buyer, order = OrderId(id)](ledger::Database& db) { return ledger::find_order(db, order, buyer); };
    const Result<v1::Order> order = co_await services.ledger.read(std::move(find));
    if (!order) co_return order.error();
    co_return ShowId(order->show_id());
}

net::Task<net::HttpResponse> wish(Services& services, Call call, ShowId show, std::string order, bool is_buyers) {
    v1::RefundRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    if (!is_id_text(order)) co_return refuse(Errc::not_found);
    ledger::RefundWish wish{body.refund_id(),        std::move(show),   OrderId(order),
                            body.quantity(),         body.amount_fen(), body.why(),
                            call.who.account,        is_buyers,         services.config.orders.refund_four_eyes_fen,
                            services.clock.unix_ms(), body.reference()};
    Result<ledger::RefundAnswer> answered = co_await services.order_desk.wish_refund(std::move(wish));
    AccountId buyer = is_buyers ? call.who.account : AccountId();
    co_return co_await answer_with(services, body.refund_id(), std::move(buyer), std::move(answered));
}

net::Task<net::HttpResponse> list(Services& services, ShowId show, OrderId order, int state, AccountId buyer) {
    auto read = [show, order, state](ledger::Database& db) { return ledger::list_refunds(db, show, order, state); };
    Result<v1::ListRefundsResponse> refunds = co_await services.ledger.read(std::move(read));
    if (!refunds) co_return refuse(refunds.error());
    for (auto& refund : *refunds->mutable_refunds()) hide_staff(refund, buyer);
    co_return answer(*refunds);
}

net::Task<net::HttpResponse> decide(Services& services, Call call, bool is_yes) {
    v1::RefundDecision body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_why(body.why())) co_return refuse(*problem);
    const auto id = call.parameters[1];
    if (!is_id_text(id)) co_return refuse(Errc::not_found);
    ledger::RefundDecision decision{id,         ShowId(call.parameters[0]), is_yes, call.who.account,
                                    body.why(), services.clock.unix_ms()};
    Result<ledger::RefundAnswer> answered = co_await services.order_desk.decide_refund(std::move(decision));
    co_return co_await answer_with(services, id, AccountId(), std::move(answered));
}

/// With a reference the money went back past the provider, else the provider is asked again.
net::Task<net::HttpResponse> resolve_failed(Services& services, Call call, std::string why, std::string reference) {
    const auto id = call.parameters[1];
    if (!is_id_text(id)) co_return refuse(Errc::not_found);
    ledger::FailedRefund failed{id,
                                ShowId(call.parameters[0]),
                                call.who.account,
                                std::move(why),
                                services.clock.unix_ms(),
                                std::move(reference),
                                services.config.orders.refund_four_eyes_fen};
    Result<ledger::RefundAnswer> answered = co_await services.order_desk.resolve_failed(std::move(failed));
    if (answered && answered->outcome == Outcome::own) {
        const Problem own{Errc::forbidden, "这笔退款退给您本人，或由您同意；请另一位同事登记线下退款。",
                          "You get this refund, or agreed to it; somebody else of the staff has to note how it went back."};
        co_return refuse(own);
    }
    co_return co_await answer_with(services, id, AccountId(), std::move(answered));
}

}  // namespace

net::Task<net::HttpResponse> refund_order(Services& services, Call call) {
    const ShowId show(call.parameters[0]);
    const auto order = call.parameters[1];
    return wish(services, std::move(call), show, order, false);
}

net::Task<net::HttpResponse> ask_for_refund(Services& services, Call call) {
    const auto order = call.parameters[0];
    const Result<ShowId> show = co_await show_of_own(services, call.who.account, order);
    if (!show) co_return refuse(show.error());
    co_return co_await wish(services, std::move(call), *show, order, true);
}

net::Task<net::HttpResponse> list_own_refunds(Services& services, Call call) {
    const auto order = call.parameters[0];
    const Result<ShowId> show = co_await show_of_own(services, call.who.account, order);
    if (!show) co_return refuse(show.error());
    co_return co_await list(services, *show, OrderId(order), 0, call.who.account);
}

net::Task<net::HttpResponse> list_refunds_of_show(Services& services, Call call) {
    const auto state = number_of(call.request, "state", 0, 0, v1::RefundState_MAX);
    if (!state) co_return refuse(bad_field("state", "不是退款状态的编号", "is no number of a refund state"));
    co_return co_await list(services, ShowId(call.parameters[0]), OrderId(), static_cast<int>(*state), AccountId());
}

net::Task<net::HttpResponse> agree_to_refund(Services& services, Call call) {
    return decide(services, std::move(call), true);
}

net::Task<net::HttpResponse> decline_refund(Services& services, Call call) {
    return decide(services, std::move(call), false);
}

net::Task<net::HttpResponse> ask_again_for_refund(Services& services, Call call) {
    v1::RefundDecision body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check_why(body.why())) co_return refuse(*problem);
    std::string reference;
    co_return co_await resolve_failed(services, std::move(call), body.why(), std::move(reference));
}

net::Task<net::HttpResponse> settle_refund_outside(Services& services, Call call) {
    v1::RefundOutside body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    co_return co_await resolve_failed(services, std::move(call), body.why(), body.reference());
}

}  // namespace livefair::api
