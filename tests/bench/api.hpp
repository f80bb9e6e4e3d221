#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"
#include "net/task.hpp"

namespace google::protobuf {
class Message;
}

namespace livefair::bench {

/// The message in protobuf's JSON mapping, as the HTTP API speaks it.
std::string to_json(const google::protobuf::Message& message);
/// Fills `message`. Errors: invalid_input - no such JSON.
Result<> from_json(std::string_view text, google::protobuf::Message& message);

/// The Errc that `name` spells on the wire; internal for a name we do not know.
Errc errc_named(std::string_view name);

/// One caller of the HTTP API, signed in or not; bodies are protobuf messages. Used from one thread.
/// Errors of all calls: the `code` of the answer's ErrorBody as Errc; closed or timed_out when no answer came.
class Api {
public:
    /// `url`: the site's address without a trailing slash.
    explicit Api(std::string url, std::string token = {}) : url_(std::move(url)), token_(std::move(token)) {}

    const std::string& url() const { return url_; }
    const std::string& token() const { return token_; }

    template <class Answer>
    net::Task<Result<Answer>> get(std::string path) {
        Answer answer;
        const auto done = co_await call("GET", std::move(path), nullptr, &answer);
        if (!done) co_return done.error();
        co_return answer;
    }
    template <class Answer, class Request>
    net::Task<Result<Answer>> post(std::string path, Request request) {
        Answer answer;
        const auto done = co_await call("POST", std::move(path), &request, &answer);
        if (!done) co_return done.error();
        co_return answer;
    }
    /// POSTs a message in JSON whose answer is not needed, for an object that may exist already: a conflict is no error.
    net::Task<Result<>> ensure(std::string path, std::string json);
    /// POST without a body; the answer is not read.
    net::Task<Result<>> post_empty(std::string path);

    /// Signs in by name and password; later calls are made as this member of staff.
    net::Task<Result<>> sign_in_staff(std::string name, std::string password);
    /// Signs in as a buyer through the sandbox's code, and saves a delivery address; returns the address id.
    net::Task<Result<std::string>> sign_in_buyer(std::string phone, std::string nickname);
    /// Pays a reserved order on the sandbox's page, as its button does.
    net::Task<Result<>> pay(std::string order_id);

private:
    /// Either message may be null: no body, an answer that is not read.
    net::Task<Result<>> call(std::string method, std::string path, const google::protobuf::Message* body,
                             google::protobuf::Message* answer);
    net::Task<Result<std::string>> call_json(std::string method, std::string path, std::string body);

    std::string url_;
    std::string token_;
};

}  // namespace livefair::bench
