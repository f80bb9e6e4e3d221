#include "net/http_headers.hpp"

#include <algorithm>

namespace livefair::net {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return lower;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::vector<std::string> list_of(const HttpRequest& request, std::string_view name) {
    std::vector<std::string> entries;
    for (const auto& [header, value] : request.headers) {
        if (header != name) continue;
        for (std::string_view rest = value; !rest.empty();) {
            const auto entry = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
            if (!trim(entry).empty()) entries.emplace_back(trim(entry));
        }
    }
    return entries;
}

}  // namespace livefair::net
