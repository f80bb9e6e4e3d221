#include <livefair/v1/account.pb.h>

#include "api/checks.hpp"
#include "api/cookie.hpp"
#include "api/handlers.hpp"
#include "api/json.hpp"
#include "api/sign_in.hpp"
#include "auth/device.hpp"
#include "ledger/ledger.hpp"
#include "ledger/people.hpp"
#include "ledger/sessions.hpp"

namespace livefair::api {
namespace {

Origin origin_of(const net::HttpRequest& request) {
    return {request.address, std::string(request.header("user-agent")),
            auth::device_text(auth::device_of(request.cookie(auth::device_cookie)))};
}

/// `value` empty: takes the cookie away.
void set_session(const Services& services, net::HttpResponse& response, const std::string& value) {
    const auto age_s = value.empty() ? 0 : services.config.auth.session_days * 86'400;
    set_cookie(services.config, response, "livefair_session", value, age_s);
}

net::HttpResponse answer_signed_in(const Services& services, const Result<v1::SignInResponse>& signed_in,
                                   const Problem& wrong) {
    if (!signed_in) return signed_in.error() == Errc::unauthenticated ? refuse(wrong) : refuse(signed_in.error());
    auto response = answer(*signed_in);
    set_session(services, response, signed_in->token());
    return response;
}

auth::Grant to_grant(const v1::Grant& grant) {
    return {static_cast<auth::Role>(grant.role()), grant.room_id()};
}

net::Task<net::HttpResponse> answer_account(Services& services, AccountId account) {
    auto find = [account](ledger::Database& db) { return ledger::find_account(db, account); };
    const Result<v1::Account> found = co_await services.ledger.read(std::move(find));
    co_return found ? answer(*found) : refuse(found.error());
}

}  // namespace

net::Task<net::HttpResponse> request_code(Services& services, Call call) {
    v1::RequestCodeRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (!is_phone(body.phone()))
        co_return refuse(bad_field("phone", "必须是 11 位手机号", "must be a mobile number of 11 digits"));
    const Result<v1::RequestCodeResponse> sent =
        co_await services.sign_in.request_code(body.phone(), origin_of(call.request));
    co_return sent ? answer(*sent) : refuse(sent.error());
}

net::Task<net::HttpResponse> sign_in(Services& services, Call call) {
    v1::SignInRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (!is_phone(body.phone()))
        co_return refuse(bad_field("phone", "必须是 11 位手机号", "must be a mobile number of 11 digits"));
    if (!body.nickname().empty() && !is_nickname(body.nickname()))
        co_return refuse(bad_field("nickname", "须为 1 到 24 个字", "must have 1 to 24 characters"));
    if (claims_to_be_staff(body.nickname()))
        co_return refuse(bad_field("nickname", "不能含有“官方”“客服”“主持人”等工作人员字样，请换一个",
                                   "must not look like that of staff or of the shop: choose another"));
    const Result<v1::SignInResponse> signed_in = co_await services.sign_in.sign_in(body, origin_of(call.request));
    co_return answer_signed_in(services, signed_in,
                               {Errc::unauthenticated, "验证码错误或已失效，请重新获取。",
                                "The code is wrong or no longer valid; ask for a new one."});
}

net::Task<net::HttpResponse> sign_in_staff(Services& services, Call call) {
    v1::StaffSignInRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    const Result<v1::SignInResponse> signed_in = co_await services.sign_in.sign_in_staff(body, origin_of(call.request));
    co_return answer_signed_in(services, signed_in,
                               {Errc::unauthenticated, "用户名或密码错误。", "The name or the password is wrong."});
}

net::Task<net::HttpResponse> sign_out(Services& services, Call call) {
    const Result<> ended = co_await services.sessions.revoke(call.who.account, call.who.session_id);
    if (!ended && ended.error() != Errc::not_found) co_return refuse(ended.error());
    auto response = empty_answer();
    set_session(services, response, "");
    co_return response;
}

net::Task<net::HttpResponse> get_me(Services& services, Call call) {
    co_return co_await answer_account(services, call.who.account);
}

net::Task<net::HttpResponse> list_sessions(Services& services, Call call) {
    const Result<v1::ListSessionsResponse> sessions = co_await services.sessions.list(call.who);
    co_return sessions ? answer(*sessions) : refuse(sessions.error());
}

net::Task<net::HttpResponse> end_session(Services& services, Call call) {
    const Result<> ended = co_await services.sessions.revoke(call.who.account, call.parameters[0]);
    co_return ended ? empty_answer() : refuse(ended.error());
}

net::Task<net::HttpResponse> create_staff(Services& services, Call call) {
    v1::CreateStaffRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    std::vector<auth::Grant> grants;
    for (const auto& grant : body.grants()) grants.push_back(to_grant(grant));
    const Result<AccountId> account =
        co_await services.sign_in.create_staff(body.name(), body.password(), body.nickname(), std::move(grants));
    if (!account) co_return refuse(account.error());
    co_return co_await answer_account(services, *account);
}

net::Task<net::HttpResponse> add_grant(Services& services, Call call) {
    v1::GrantRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body.grant())) co_return refuse(*problem);
    const AccountId account(body.account_id());
    auto add = [account, grant = to_grant(body.grant())](ledger::Database& db) {
        return ledger::add_grant(db, account, grant);
    };
    const Result<> added = co_await services.ledger.write(std::move(add));
    if (!added) co_return refuse(added.error());
    services.sessions.forget(account);
    co_return co_await answer_account(services, account);
}

}  // namespace livefair::api
