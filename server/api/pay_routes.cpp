#include <livefair/v1/order.pb.h>
#include <livefair/v1/payment.pb.h>

#include "api/handlers.hpp"
#include "api/html.hpp"
#include "api/json.hpp"
#include "base/money.hpp"
#include "commerce/payments.hpp"
#include "commerce/sandbox_provider.hpp"
#include "ledger/ledger.hpp"
#include "ledger/orders.hpp"
#include "ledger/supplier_statement.hpp"

namespace livefair::api {
namespace {

net::HttpResponse html(int status, std::string page) {
    auto response = net::HttpResponse::text(status, std::move(page), "text/html; charset=utf-8");
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

/// A page without scripts: what is paid, and one button. `body` is HTML.
std::string page_of(const std::string& body) {
    return "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>模拟支付 Sandbox "
           "payment</title><style>"
           "body{font:16px/1.6 system-ui,sans-serif;max-width:26rem;margin:8vh auto;padding:0 "
           "1rem;color:#1c1c1e;background:#f7f5f2}"
           "h1{font-size:1.3rem}.amount{font-size:2.4rem;font-weight:700;margin:.5rem "
           "0}.note{color:#6b6b70;font-size:.9rem}"
           "button{width:100%;padding:1rem;font-size:1.2rem;border:0;border-radius:.8rem;background:#c8102e;color:#fff}"
           "a{color:#c8102e}</style></head><body>" +
           body +
           "<p class=\"note\">这是演示用的支付页面，不会产生任何真实扣款。<br>This page is for demonstration; no money "
           "moves.</p></body></html>";
}

/// For rehearsals: what a provider's webhooks may do wrong.
std::string test_buttons() {
    constexpr std::pair<const char*, const char*> modes[] = {
        {"dup", "重复通知 twice"},    {"reorder", "乱序通知 out of order"}, {"delay", "延迟通知 late"},
        {"forge", "伪造通知 forged"}, {"never", "没有通知 none"},           {"amount+1", "金额多 1 分 one fen more"},
    };
    std::string buttons = "<details><summary class=\"note\">故障演练 Rehearse faults</summary>";
    for (const auto& [mode, label] : modes)
        buttons +=
            std::string("<p><button type=\"submit\" name=\"mode\" value=\"") + mode + "\">" + label + "</button></p>";
    return buttons + "</details>";
}

std::string unpaid_body(const commerce::SandboxProvider::Page& page) {
    return "<h1>" + escape_html(page.title) + "</h1><p class=\"amount\">" +
           escape_html(to_yuan_text(Fen(page.amount_fen))) + "</p><p class=\"note\">订单 Order " +
           escape_html(page.order) + "</p><form method=\"post\" action=\"/pay/sandbox/" + escape_html(page.payment) +
           "/confirm\"><button type=\"submit\">模拟支付 / Pay (sandbox)</button>" + test_buttons() + "</form>";
}

std::string paid_body(const commerce::SandboxProvider::Page& page) {
    const auto* title = page.state == "refund_due" ? "支付太晚，将原路退款 Too late; the money goes back"
                        : page.state == "closed"   ? "订单已关闭，没有扣款 Closed; nothing was paid"
                                                   : "支付成功 Paid";
    return std::string("<h1>") + title + "</h1><p>" + escape_html(page.title) + "</p><p class=\"amount\">" +
           escape_html(to_yuan_text(Fen(page.amount_fen))) +
           "</p><p><a href=\"/\">返回直播间 Back to the shows</a></p>";
}

/// The button that was pressed: an empty form is the plain one; nothing for a form of another kind.
std::optional<std::optional<commerce::SandboxMode>> mode_of(std::string_view form) {
    constexpr std::string_view field = "mode=";
    if (form.empty()) return std::optional<commerce::SandboxMode>();
    if (!form.starts_with(field)) return std::nullopt;
    form.remove_prefix(field.size());
    const auto mode = commerce::parse_sandbox_mode(form == "amount%2B1" ? "amount+1" : form);
    if (!mode) return std::nullopt;
    return std::optional<std::optional<commerce::SandboxMode>>(mode);
}

/// Where another provider takes the payments, nobody may pay here.
bool has_page(const Services& services) {
    return services.payments.provider().name() == services.sandbox.name();
}

net::HttpResponse page_problem(const boost::system::error_code& error) {
    const auto problem = problem_of(to_errc(error));
    return html(status_of(problem.code), page_of("<h1>" + escape_html(problem.message_zh) + "</h1><p>" +
                                                 escape_html(problem.message_en) + "</p>"));
}

}  // namespace

net::Task<net::HttpResponse> create_payment(Services& services, Call call) {
    const auto order = OrderId::parse(call.parameters[0]);
    if (!order) co_return refuse(Errc::not_found);
    const Result<v1::CreatePaymentResponse> payment = co_await services.payments.create(call.who.account, *order);
    co_return payment ? answer(*payment) : refuse(payment.error());
}

/// What is due to each supplier of a show.
net::Task<net::HttpResponse> get_statement(Services& services, Call call) {
    auto read = [show = ShowId(call.parameters[0]), now_ms = services.clock.unix_ms()](ledger::Database& db) {
        return ledger::statement_of_show(db, show, now_ms);
    };
    const Result<v1::SupplierStatement> statement = co_await services.ledger.read(std::move(read));
    co_return statement ? answer(*statement) : refuse(statement.error());
}

/// The buyer is back from the provider's page: what it told the browser counts for nothing, so it is asked.
net::Task<net::HttpResponse> check_payment(Services& services, Call call) {
    const auto order = OrderId::parse(call.parameters[0]);
    if (!order) co_return refuse(Errc::not_found);
    const Result<> checked = co_await services.payments.check(call.who.account, *order);
    if (!checked) co_return refuse(checked.error());
    auto find = [order = *order, buyer = call.who.account](ledger::Database& db) {
        return ledger::find_order(db, order, buyer);
    };
    const Result<v1::Order> found = co_await services.ledger.read(std::move(find));
    co_return found ? answer(*found) : refuse(found.error());
}

net::Task<net::HttpResponse> notify_payment(Services& services, Call call) {
    if (call.parameters[0] != services.payments.provider().name()) co_return refuse(Errc::not_found);
    auto said = co_await services.payments.notify(std::move(call.request.headers), std::move(call.request.body));
    co_return net::HttpResponse::text(said.status, std::move(said.body), std::move(said.content_type));
}

net::Task<net::HttpResponse> show_pay_page(Services& services, Call call) {
    if (!has_page(services)) co_return page_problem(make_error_code(Errc::not_found));
    const auto payment = PaymentId::parse(call.parameters[0]);
    if (!payment) co_return page_problem(payment.error());
    const Result<commerce::SandboxProvider::Page> page = co_await services.sandbox.page(*payment);
    if (!page) co_return page_problem(page.error());
    co_return html(200, page_of(page->state == "created" ? unpaid_body(*page) : paid_body(*page)));
}

net::Task<net::HttpResponse> confirm_pay_page(Services& services, Call call) {
    const auto payment = PaymentId::parse(call.parameters[0]);
    if (!payment) co_return page_problem(payment.error());
    if (!has_page(services)) co_return page_problem(make_error_code(Errc::not_found));
    const auto mode = mode_of(call.request.body);
    if (!mode) co_return page_problem(make_error_code(Errc::invalid_input));
    const Result<int> answered = co_await services.sandbox.confirm(*payment, *mode);
    // A payment that is closed says so on its page.
    if (!answered && answered.error() != Errc::conflict) co_return page_problem(answered.error());
    const bool is_rehearsal = mode->has_value();
    if (answered && *answered >= 300 && !is_rehearsal)
        co_return page_problem(make_error_code(Errc::ledger_unavailable));
    auto response = html(303, "");
    response.headers.emplace_back("Location", "/pay/sandbox/" + payment->str());
    co_return response;
}

}  // namespace livefair::api
