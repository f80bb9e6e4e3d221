#include "auth/push_target.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "auth/media_secret.hpp"

namespace livefair::auth {
namespace {

constexpr std::size_t key_bytes_max = 500, url_bytes_max = 255, json_bytes_max = 4096;

}  // namespace

bool is_push_key(std::string_view key) {
    return !key.empty() && key.size() <= key_bytes_max && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string seal_push_target(std::string_view secret, const PushTarget& target) {
    const boost::json::object object = {{"url", target.url}, {"key", target.key}};
    return seal(secret, boost::json::serialize(object));
}

Result<PushTarget> unseal_push_target(std::string_view secret, std::string_view sealed) {
    if (sealed.size() > 2 * json_bytes_max) return make_error_code(Errc::invalid_input);
    const auto json = unseal(secret, sealed);
    if (!json) return json.error();
    return parse_push_target(*json);
}

Result<PushTarget> parse_push_target(std::string_view json) {
    if (json.size() > json_bytes_max) return make_error_code(Errc::invalid_input);
    boost::system::error_code ec;
    const auto value = boost::json::parse({json.data(), json.size()}, ec);
    const auto* object = ec ? nullptr : value.if_object();
    const auto* url = object ? object->if_contains("url") : nullptr;
    const auto* key = object ? object->if_contains("key") : nullptr;
    if (!url || !key || !url->is_string() || !key->is_string()) return make_error_code(Errc::invalid_input);
    PushTarget target{std::string(url->get_string()), std::string(key->get_string())};
    if (target.url.size() > url_bytes_max || !is_push_key(target.key)) return make_error_code(Errc::invalid_input);
    return target;
}

}  // namespace livefair::auth
