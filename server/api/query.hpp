#pragma once

#include <charconv>
#include <optional>
#include <string>

#include "net/http.hpp"

namespace livefair::api {

/// A query parameter as a number; `otherwise` when it is missing, nothing when it is no number from `least` to `most`.
inline std::optional<std::int64_t> number_of(const net::HttpRequest& request, const std::string& name,
                                             std::int64_t otherwise, std::int64_t least, std::int64_t most) {
    const auto found = request.query.find(name);
    if (found == request.query.end()) return otherwise;
    const auto& text = found->second;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
        return std::nullopt;
    return number;
}

/// A query parameter as a text; empty when it is missing.
inline std::string text_of(const net::HttpRequest& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
}

}  // namespace livefair::api
