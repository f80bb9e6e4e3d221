#include "net/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "net/http_headers.hpp"

namespace livefair::net {
namespace {

/// Plain digits; more than 64 bits hold means "beyond any body" and is capped.
std::optional<std::uint64_t> to_position(std::string_view text) {
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::uint64_t value = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? value : UINT64_MAX;
}

}  // namespace

ByteRange parse_range(std::string_view header, std::uint64_t body_length) {
    const auto text = trim(header);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || to_lower(text.substr(0, equals)) != "bytes") return {};
    const auto range = trim(text.substr(equals + 1));
    const auto dash = range.find('-');
    if (dash == std::string_view::npos) return {};
    const auto first = to_position(range.substr(0, dash)), last = to_position(range.substr(dash + 1));
    if (!first) {
        if (dash != 0 || !last) return {};
        const auto length = std::min(*last, body_length);
        if (length == 0) return {ByteRange::Kind::unsatisfiable};
        return {ByteRange::Kind::satisfiable, body_length - length, length};
    }
    const bool is_open = dash + 1 == range.size();
    if ((!last && !is_open) || (last && *last < *first)) return {};
    if (*first >= body_length) return {ByteRange::Kind::unsatisfiable};
    const auto end = is_open ? body_length : std::min(body_length - 1, *last) + 1;
    return {ByteRange::Kind::satisfiable, *first, end - *first};
}

}  // namespace livefair::net
