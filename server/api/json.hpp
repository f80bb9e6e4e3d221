#pragma once

#include <optional>

#include "api/problem.hpp"
#include "net/http.hpp"

namespace google::protobuf {
class Message;
}

namespace livefair::api {

/// Deepest nesting of a JSON body; our messages need 4.
constexpr int json_depth_max = 16;

/// Reads the request's body into `message` by protobuf's JSON mapping; an empty body is an empty message.
/// A problem when it is not UTF-8 or not JSON, nests too deep, or has a field that the message has not (which it
/// names).
std::optional<Problem> read_body(const net::HttpRequest& request, google::protobuf::Message& message);

/// A message as JSON, never cached. Int64 as strings, defaults left out.
net::HttpResponse answer(const google::protobuf::Message& message, int status = 200);
/// {}.
net::HttpResponse empty_answer();

}  // namespace livefair::api
