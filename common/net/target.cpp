#include "net/target.hpp"

#include <algorithm>
#include <optional>

#include "net/utf8.hpp"

namespace livefair::net {
namespace {

constexpr std::size_t query_names_max = 64;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Undoes percent-encoding once; nullopt when a '%' is not followed by two hex digits or the result is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(16 * high + low);
        i += 2;
    }
    if (!is_utf8(decoded)) return std::nullopt;
    return decoded;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// A decoded segment may not mean anything to a file system or to a second decoder.
bool is_safe_segment(std::string_view segment) {
    if (segment.empty() || segment == "." || segment == "..") return false;
    return std::none_of(segment.begin(), segment.end(),
                        [](char c) { return c == '/' || c == '\\' || c == '%' || is_control(c); });
}

std::optional<std::string> decode_path(std::string_view raw) {
    if (raw.empty() || raw.front() != '/') return std::nullopt;
    if (raw == "/") return "/";
    if (raw.back() == '/') raw.remove_suffix(1);
    std::string path;
    while (!raw.empty()) {
        raw.remove_prefix(1);
        const auto length = std::min(raw.find('/'), raw.size());
        const auto segment = percent_decode(raw.substr(0, length));
        if (!segment || !is_safe_segment(*segment)) return std::nullopt;
        path += '/' + *segment;
        raw.remove_prefix(length);
    }
    return path.empty() ? std::nullopt : std::optional(path);
}

std::optional<std::string> decode_query_part(std::string_view raw) {
    std::string text(raw);
    std::replace(text.begin(), text.end(), '+', ' ');
    auto decoded = percent_decode(text);
    if (decoded && std::any_of(decoded->begin(), decoded->end(), is_control)) return std::nullopt;
    return decoded;
}

std::optional<std::map<std::string, std::string>> decode_query(std::string_view raw) {
    std::map<std::string, std::string> query;
    while (!raw.empty()) {
        const auto pair = raw.substr(0, raw.find('&'));
        raw.remove_prefix(std::min(pair.size() + 1, raw.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        const auto name = decode_query_part(pair.substr(0, equals));
        const auto value = decode_query_part(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value || query.size() >= query_names_max) return std::nullopt;
        query.emplace(*name, *value);
    }
    return query;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
    const auto path_size = std::min(target.find('?'), target.size());
    auto path = decode_path(target.substr(0, path_size));
    auto query = decode_query(target.substr(std::min(path_size + 1, target.size())));
    if (!path || !query) return make_error_code(Errc::invalid_input);
    return Target{std::move(*path), std::move(*query)};
}

}  // namespace livefair::net
