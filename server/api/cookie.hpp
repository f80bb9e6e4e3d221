#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/config.hpp"
#include "net/http.hpp"

namespace livefair::api {

/// Sets a cookie that scripts can't read and other sites' requests don't carry; over TLS alone where the site has it. age_s 0: takes it away.
inline void set_cookie(const Config& config, net::HttpResponse& response, std::string_view name, std::string_view value, std::int64_t age_s) {
    std::string cookie(name);
    cookie.append("=").append(value).append("; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(age_s));
    if (config.site.url.starts_with("https://")) cookie += "; Secure";
    response.headers.emplace_back("Set-Cookie", std::move(cookie));
}

}  // namespace livefair::api
