#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/rtmp_url.hpp"

// An address that was read is written so that it is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto url = livefair::net::parse_rtmp_url(std::string_view(reinterpret_cast<const char*>(bytes), size));
    if (!url) return 0;
    const auto again = livefair::net::parse_rtmp_url(url->tc_url());
    if (!again || again->host != url->host || again->port != url->port || again->app != url->app || again->tls != url->tls) __builtin_trap();
    return 0;
}
