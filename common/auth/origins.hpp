#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace livefair::auth {

/// The web origins whose pages may call the API and open WebSockets: that of site.url (for a loopback address also its
/// name "localhost") and those of site.allowed_origins. Immutable; thread-safe.
class Origins {
public:
    Origins(std::string_view site_url, std::vector<std::string> allowed);
    /// Compared byte by byte: browsers send origins in lower case. "null" and an empty text are never allowed.
    bool allows(std::string_view origin) const;

private:
    std::vector<std::string> allowed_;
};

/// "https://a.example:8443" of "https://a.example:8443/path"; the whole text when it has no path.
std::string origin_of(std::string_view url);

}  // namespace livefair::auth
