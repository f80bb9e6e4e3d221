#include "net/http_client.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <optional>

namespace livefair::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::uint64_t answer_bytes_max = 64 * 1024 * 1024;
constexpr std::uint32_t header_bytes_max = 64 * 1024;

struct Url {
    std::string host;
    std::uint16_t port = 80;
    std::string target;
};

std::optional<Url> parse_url(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    const auto slash = std::min(text.find('/'), text.size());
    const auto authority = text.substr(0, slash);
    Url url;
    url.target = slash == text.size() ? "/" : std::string(text.substr(slash));
    const auto colon = std::min(authority.rfind(':'), authority.size());
    url.host = authority.substr(0, colon);
    if (colon < authority.size()) {
        const auto* end = authority.data() + authority.size();
        const auto [parsed, error] = std::from_chars(authority.data() + colon + 1, end, url.port);
        if (error != std::errc() || parsed != end) return std::nullopt;
    }
    return url.host.empty() ? std::nullopt : std::optional(url);
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return lower;
}

Errc errc_of(const beast::error_code& ec) {
    if (ec == beast::error::timeout) return Errc::timed_out;
    if (ec == http::error::body_limit || ec == http::error::header_limit) return Errc::too_large;
    const bool has_ended = ec == http::error::end_of_stream || ec == http::error::partial_message;
    return ec.category() == http::make_error_code(http::error::bad_version).category() && !has_ended ? Errc::invalid_input
                                                                                                     : Errc::closed;
}

}  // namespace

class HttpClient::Impl {
public:
    Impl(asio::any_io_executor executor, std::string host, std::uint16_t port)
        : stream_(executor), host_(std::move(host)), port_(port) {}

    static Task<Result<HttpResponse>> request(std::shared_ptr<Impl> self, std::string method, std::string target,
                                              HttpHeaders headers, std::string body, std::chrono::milliseconds deadline) {
        self->stream_.expires_after(deadline);
        if (!self->is_connected_) {
            const auto connected = co_await self->connect();
            if (!connected) co_return connected.error();
        }
        const auto bytes = self->to_bytes(method, target, headers, body);
        const auto [write_error, written] = co_await asio::async_write(self->stream_, asio::buffer(bytes), as_result);
        if (write_error) co_return self->fail(write_error);
        http::response_parser<http::string_body> parser;
        parser.body_limit(answer_bytes_max);
        parser.header_limit(header_bytes_max);
        parser.skip(method == "HEAD");
        const auto [read_error, count] = co_await http::async_read(self->stream_, self->buffer_, parser, as_result);
        if (read_error) co_return self->fail(read_error);
        self->stream_.expires_never();
        if (!parser.keep_alive()) self->close();
        co_return to_response(parser.release());
    }

    void close() {
        is_connected_ = false;
        stream_.close();
        buffer_.clear();
    }

private:
    Task<Result<>> connect() {
        buffer_.clear();
        boost::system::error_code not_an_address;
        const auto address = asio::ip::make_address(host_ == "localhost" ? "127.0.0.1" : host_, not_an_address);
        if (not_an_address) co_return make_error_code(Errc::invalid_input);
        const auto [ec] = co_await stream_.async_connect(tcp::endpoint(address, port_), as_result);
        if (ec) co_return fail(ec);
        boost::system::error_code ignored;
        stream_.socket().set_option(tcp::no_delay(true), ignored);
        is_connected_ = true;
        co_return Result<>();
    }

    boost::system::error_code fail(const beast::error_code& ec) {
        close();
        return make_error_code(errc_of(ec));
    }

    std::string to_bytes(const std::string& method, const std::string& target, const HttpHeaders& headers,
                         const std::string& body) const {
        std::string bytes = method + ' ' + target + " HTTP/1.1\r\nHost: " + host_ + ':' + std::to_string(port_) + "\r\n";
        for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
        if (!body.empty() || method == "POST" || method == "PUT") bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        return bytes + "\r\n" + body;
    }

    static HttpResponse to_response(http::response<http::string_body> message) {
        HttpResponse response;
        response.status = static_cast<int>(message.result_int());
        response.content_type = message[http::field::content_type];
        for (const auto& field : message) response.headers.emplace_back(to_lower(field.name_string()), field.value());
        response.body.push_back(share_bytes(std::move(message.body())));
        return response;
    }

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    const std::string host_;
    const std::uint16_t port_;
    bool is_connected_ = false;
};

HttpClient::HttpClient(asio::any_io_executor executor, std::string host, std::uint16_t port)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(host), port)) {}

HttpClient::~HttpClient() { impl_->close(); }

Task<Result<HttpResponse>> HttpClient::request(std::string method, std::string target, HttpHeaders headers,
                                               std::string body, std::chrono::milliseconds deadline) {
    return Impl::request(impl_, std::move(method), std::move(target), std::move(headers), std::move(body), deadline);
}

void HttpClient::close() { impl_->close(); }

Task<Result<HttpResponse>> http_request(std::string method, std::string url, HttpHeaders headers, std::string body,
                                        std::chrono::milliseconds deadline) {
    const auto parsed = parse_url(url);
    if (!parsed) co_return make_error_code(Errc::invalid_input);
    HttpClient client(co_await asio::this_coro::executor, parsed->host, parsed->port);
    headers.emplace_back("Connection", "close");
    auto response = co_await client.request(std::move(method), parsed->target, std::move(headers), std::move(body), deadline);
    co_return response;
}

std::string_view header_of(const HttpResponse& response, std::string_view name) {
    const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    return found == response.headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view body_of(const HttpResponse& response) {
    return response.body.empty() ? std::string_view() : std::string_view(*response.body.front());
}

}  // namespace livefair::net
