#include "auth/origins.hpp"

#include <algorithm>

namespace livefair::auth {

std::string origin_of(std::string_view url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return std::string(url);
    return std::string(url.substr(0, url.find('/', scheme_end + 3)));
}

Origins::Origins(std::string_view site_url, std::vector<std::string> allowed) : allowed_(std::move(allowed)) {
    const auto site = origin_of(site_url);
    constexpr std::string_view loopback = "://127.0.0.1";
    if (const auto at = site.find(loopback); at != std::string::npos) {
        const auto rest = site.substr(at + loopback.size());
        if (rest.empty() || rest.front() == ':') allowed_.push_back(site.substr(0, at) + "://localhost" + rest);
    }
    allowed_.push_back(site);
}

bool Origins::allows(std::string_view origin) const {
    if (origin.empty() || origin == "null") return false;
    return std::find(allowed_.begin(), allowed_.end(), origin) != allowed_.end();
}

}  // namespace livefair::auth
