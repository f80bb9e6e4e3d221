#include "net/rtmp_url.hpp"

#include <algorithm>
#include <charconv>

namespace livefair::net {
namespace {

constexpr std::size_t url_bytes_max = 255;
constexpr std::uint16_t rtmp_port = 1935, rtmps_port = 443;

bool is_plain(char c) { return c > ' ' && c < 0x7F && std::string_view("?#\\\"<>^`{|}").find(c) == std::string_view::npos; }

bool is_host_name(std::string_view host) {
    return !host.empty() && host.front() != '-' && host.front() != '.' && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

bool is_v6_text(std::string_view host) {
    return host.find(':') != std::string_view::npos && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
    });
}

/// ":1935"; empty: the usual port stays.
bool read_port(std::string_view text, std::uint16_t& port) {
    if (text.empty()) return true;
    if (text.front() != ':') return false;
    const auto* end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data() + 1, end, port);
    return error == std::errc() && parsed == end && port != 0;
}

bool read_authority(std::string_view authority, RtmpUrl& url) {
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return false;
        url.host = authority.substr(1, close - 1);
        return is_v6_text(url.host) && read_port(authority.substr(close + 1), url.port);
    }
    const auto colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    return is_host_name(url.host) && read_port(authority.substr(colon), url.port);
}

}  // namespace

std::string RtmpUrl::tc_url() const {
    const bool is_usual = port == (tls ? rtmps_port : rtmp_port);
    const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return (tls ? "rtmps://" : "rtmp://") + name + (is_usual ? "" : ":" + std::to_string(port)) + "/" + app;
}

Result<RtmpUrl> parse_rtmp_url(std::string_view text) {
    constexpr std::string_view plain = "rtmp://", secure = "rtmps://";
    if (text.size() > url_bytes_max || !std::all_of(text.begin(), text.end(), is_plain)) return make_error_code(Errc::invalid_input);
    RtmpUrl url;
    url.tls = text.starts_with(secure);
    if (!url.tls && !text.starts_with(plain)) return make_error_code(Errc::invalid_input);
    if (url.tls) url.port = rtmps_port;
    text.remove_prefix(url.tls ? secure.size() : plain.size());
    const auto slash = std::min(text.find('/'), text.size());
    if (!read_authority(text.substr(0, slash), url)) return make_error_code(Errc::invalid_input);
    auto app = text.substr(slash);
    while (app.starts_with('/')) app.remove_prefix(1);
    while (app.ends_with('/')) app.remove_suffix(1);
    if (app.empty()) return make_error_code(Errc::invalid_input);
    url.app = app;
    return url;
}

}  // namespace livefair::net
