#include <algorithm>

#include "net/http.hpp"
#include "net/http_headers.hpp"
#include "net/http_message.hpp"

namespace livefair::net {
namespace {

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 413: return "Content Too Large";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return "Status";
    }
}

bool has_header(const HttpResponse& response, std::string_view lower_name) {
    return std::any_of(response.headers.begin(), response.headers.end(), [&](const auto& header) {
        return std::equal(header.first.begin(), header.first.end(), lower_name.begin(), lower_name.end(),
                          [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    });
}

/// One header line; a line break inside name or value would let its author write headers of his own.
void append_line(std::string& head, std::string_view name, std::string_view value) {
    const auto append_clean = [&head](std::string_view text) {
        for (const char c : text) head += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    };
    append_clean(name);
    head += ": ";
    append_clean(value);
    head += "\r\n";
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return h.first == name; });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view HttpRequest::cookie(std::string_view name) const {
    for (auto rest = header("cookie"); !rest.empty();) {
        const auto pair = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto start = std::min(pair.find_first_not_of(' '), pair.size());
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && equals >= start && pair.substr(start, equals - start) == name)
            return pair.substr(equals + 1);
    }
    return {};
}

// "gzip", "gzip;q=0.5", "*": but not with a weight of zero.
bool HttpRequest::accepts_gzip() const {
    bool accepts = false;
    for (const auto& entry : list_of(*this, "accept-encoding")) {
        const auto coding = to_lower(trim(entry.substr(0, entry.find(';'))));
        if (coding != "gzip" && coding != "*") continue;
        const auto weight = entry.find("q=");
        const bool is_zero = weight != std::string::npos && trim(entry.substr(weight + 2)).find_first_not_of("0.") == std::string::npos;
        if (coding == "gzip") return !is_zero;
        accepts = !is_zero;
    }
    return accepts;
}

HttpResponse HttpResponse::text(int status, std::string body, std::string content_type) {
    HttpResponse response;
    response.status = status;
    response.content_type = std::move(content_type);
    response.body.push_back(share_bytes(std::move(body)));
    return response;
}

std::uint64_t body_bytes(const HttpResponse& response) {
    if (response.file) return response.file->length;
    std::uint64_t bytes = 0;
    for (const auto& part : response.body) bytes += part->size();
    return bytes;
}

std::string response_head(const HttpResponse& response, std::uint64_t length, bool keeps_alive) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    head += reason_of(response.status);
    head += "\r\n";
    // 204 and 304 have no body by definition, and 204 not even a length (RFC 9110 §8.6).
    if (response.status != 204) append_line(head, "Content-Length", std::to_string(length));
    if (response.status != 204 && response.status != 304 && !response.content_type.empty())
        append_line(head, "Content-Type", response.content_type);
    if (!has_header(response, "x-content-type-options")) append_line(head, "X-Content-Type-Options", "nosniff");
    if (!has_header(response, "referrer-policy")) append_line(head, "Referrer-Policy", "same-origin");
    for (const auto& [name, value] : response.headers) append_line(head, name, value);
    append_line(head, "Connection", keeps_alive ? "keep-alive" : "close");
    head += "\r\n";
    return head;
}

}  // namespace livefair::net
