#include "bench/api.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <livefair/v1/account.pb.h>
#include <livefair/v1/order.pb.h>

#include "net/http_client.hpp"

namespace livefair::bench {

namespace {

constexpr std::chrono::seconds deadline{20};

Errc error_of(const net::HttpResponse& response) {
    v1::ErrorBody body;
    if (!from_json(net::body_of(response), body)) return Errc::internal;
    return errc_named(body.code());
}

}  // namespace

Errc errc_named(std::string_view name) {
    for (int value = static_cast<int>(Errc::invalid_input); value <= static_cast<int>(Errc::internal); ++value)
        if (to_string(static_cast<Errc>(value)) == name) return static_cast<Errc>(value);
    return Errc::internal;
}

std::string to_json(const google::protobuf::Message& message) {
    std::string text;
    (void)google::protobuf::util::MessageToJsonString(message, &text);
    return text;
}

Result<> from_json(std::string_view text, google::protobuf::Message& message) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    const auto status = google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &message, options);
    if (!status.ok()) return make_error_code(Errc::invalid_input);
    return {};
}

net::Task<Result<std::string>> Api::call_json(std::string method, std::string path, std::string body) {
    net::HttpHeaders headers;
    if (!body.empty()) headers.emplace_back("content-type", "application/json");
    if (!token_.empty()) headers.emplace_back("authorization", "Bearer " + token_);
    auto response = co_await net::http_request(std::move(method), url_ + path, std::move(headers), std::move(body), deadline);
    if (!response) co_return response.error();
    if (response->status >= 400) co_return make_error_code(error_of(*response));
    co_return std::string(net::body_of(*response));
}

net::Task<Result<>> Api::call(std::string method, std::string path, const google::protobuf::Message* body,
                              google::protobuf::Message* answer) {
    std::string json = body ? to_json(*body) : std::string();
    const auto text = co_await call_json(std::move(method), std::move(path), std::move(json));
    if (!text) co_return text.error();
    if (!answer) co_return Result<>();
    co_return from_json(*text, *answer);
}

net::Task<Result<>> Api::ensure(std::string path, std::string json) {
    const auto done = co_await call_json("POST", std::move(path), std::move(json));
    if (!done && done.error() != Errc::conflict) co_return done.error();
    co_return Result<>();
}

net::Task<Result<>> Api::post_empty(std::string path) { return call("POST", std::move(path), nullptr, nullptr); }

net::Task<Result<>> Api::sign_in_staff(std::string name, std::string password) {
    v1::StaffSignInRequest request;
    request.set_name(std::move(name));
    request.set_password(std::move(password));
    const auto answer = co_await post<v1::SignInResponse>("/api/v1/auth/staff", std::move(request));
    if (!answer) co_return answer.error();
    token_ = answer->token();
    co_return Result<>();
}

net::Task<Result<std::string>> Api::sign_in_buyer(std::string phone, std::string nickname) {
    v1::RequestCodeRequest code_request;
    code_request.set_phone(phone);
    const auto code = co_await post<v1::RequestCodeResponse>("/api/v1/auth/code", std::move(code_request));
    if (!code) co_return code.error();
    v1::SignInRequest request;
    request.set_phone(phone);
    request.set_code(code->sandbox_code());
    request.set_nickname(nickname);
    const auto session = co_await post<v1::SignInResponse>("/api/v1/auth/sign-in", std::move(request));
    if (!session) co_return session.error();
    token_ = session->token();

    v1::Address address;
    address.set_recipient(std::move(nickname));
    address.set_phone(std::move(phone));
    address.set_region_code("430102");
    address.set_region_name("湖南省长沙市芙蓉区");
    address.set_detail("演示路 1 号");
    const auto saved = co_await post<v1::Address>("/api/v1/addresses", std::move(address));
    if (!saved) co_return saved.error();
    co_return saved->id();
}

net::Task<Result<>> Api::pay(std::string order_id) {
    const auto payment = co_await post<v1::CreatePaymentResponse>("/api/v1/orders/" + order_id + "/payment", v1::CreatePaymentResponse());
    if (!payment) co_return payment.error();
    // The same page by whatever address this caller knows the site.
    std::string page = payment->pay_url().substr(payment->pay_url().find("/pay/"));
    co_return co_await post_empty(page + "/confirm");
}

}  // namespace livefair::bench
