#include "auth/device.hpp"

#include <algorithm>
#include <charconv>

#include "auth/token.hpp"
#include "base/random.hpp"

namespace livefair::auth {
namespace {

constexpr std::size_t cookie_bytes = 16, digits = 16;

std::uint64_t hash(std::string_view text) {
    const auto hex = hash_token(text);
    std::uint64_t value = 0;
    std::from_chars(hex.data(), hex.data() + digits, value, 16);
    return std::max<std::uint64_t>(value, 1);
}

}  // namespace

std::string make_device() { return random_hex(cookie_bytes); }

std::uint64_t device_of(std::string_view cookie) {
    const bool is_ours = cookie.size() == 2 * cookie_bytes && cookie.find_first_not_of("0123456789abcdef") == cookie.npos;
    return is_ours ? hash(cookie) : 0;
}

std::string device_text(std::uint64_t device) {
    if (device == 0) return {};
    std::string text(digits, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, device /= 16) *digit = "0123456789abcdef"[device % 16];
    return text;
}

std::uint64_t person_of(std::uint64_t device, std::string_view account, std::string_view address) {
    if (device != 0) return device;
    if (!account.empty()) return hash("account " + std::string(account));
    return hash("address " + std::string(address));
}

}  // namespace livefair::auth
