#include "api/problem.hpp"

#include <livefair/v1/account.pb.h>

#include "api/json.hpp"
#include "base/sentences.hpp"

namespace livefair::api {
namespace {

/// The closed list of codes on the wire; what Redis did in detail is not the client's business.
Errc wire_code(Errc code) {
    switch (code) {
        case Errc::redis_unknown:
        case Errc::redis_error:
            return Errc::redis_unavailable;
        case Errc::closed:
            return Errc::timed_out;
        case Errc::unsupported:
        case Errc::bad_key:
            return Errc::invalid_input;
        case Errc::viewer_too_slow:
            return Errc::internal;
        default:
            return code;
    }
}

}  // namespace

Problem problem_of(Errc code) {
    const auto sentences = sentences_of(code);
    return {code, std::string(sentences.zh), std::string(sentences.en)};
}

Problem bad_field(std::string_view field, std::string_view rule_zh, std::string_view rule_en) {
    const std::string name(field);
    return {Errc::invalid_input, "“" + name + "”" + std::string(rule_zh) + "。",
            "\"" + name + "\" " + std::string(rule_en) + ".", name};
}

int status_of(Errc code) {
    switch (wire_code(code)) {
        case Errc::invalid_input:
            return 400;
        case Errc::unauthenticated:
            return 401;
        case Errc::forbidden:
            return 403;
        case Errc::not_found:
            return 404;
        case Errc::conflict:
            return 409;
        case Errc::too_large:
            return 413;
        case Errc::too_many_requests:
            return 429;
        case Errc::redis_unavailable:
        case Errc::ledger_unavailable:
            return 503;
        case Errc::timed_out:
            return 504;
        default:
            return 500;
    }
}

net::HttpResponse refuse(const Problem& problem) {
    v1::ErrorBody body;
    body.set_code(std::string(to_string(wire_code(problem.code))));
    body.set_message_zh(problem.message_zh);
    body.set_message_en(problem.message_en);
    return answer(body, status_of(problem.code));
}

net::HttpResponse refuse(Errc code) {
    return refuse(problem_of(code));
}

net::HttpResponse refuse(const boost::system::error_code& error) {
    return refuse(to_errc(error));
}

}  // namespace livefair::api
