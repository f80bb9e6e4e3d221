#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.hpp"
#include "net/task.hpp"

namespace livefair::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A small HTTP/1.1 client for tests, livefair-bench and the sandbox's webhook: http:// and IP addresses or "localhost" alone,
/// no TLS, no redirects, answers of at most 64 MiB. Its HttpResponse has the body in one part and header names in lower case.
/// Keeps its connection to one host and makes a new one when that has ended. Lives on one executor; one request at a time.
class HttpClient {
public:
    HttpClient(asio::any_io_executor executor, std::string host, std::uint16_t port);
    ~HttpClient();

    /// `target`: path and query, encoded already.
    /// Errors: closed (no connection, or it broke), timed_out, invalid_input (not HTTP), too_large.
    /// A request that failed may have had its effect; it is never sent twice.
    Task<Result<HttpResponse>> request(std::string method, std::string target, HttpHeaders headers, std::string body,
                                       std::chrono::milliseconds deadline);
    /// Ends the connection, and a request under way with Errc::closed.
    void close();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

/// One request on a connection of its own. `url`: "http://127.0.0.1:8080/api/v1/me". Errors: as HttpClient::request, and
/// invalid_input for a url of another form.
Task<Result<HttpResponse>> http_request(std::string method, std::string url, HttpHeaders headers, std::string body,
                                        std::chrono::milliseconds deadline);

/// The value of a header of a client's answer (lower-case name); empty when there is none.
std::string_view header_of(const HttpResponse& response, std::string_view name);
/// The body of a client's answer.
std::string_view body_of(const HttpResponse& response);

}  // namespace livefair::net
